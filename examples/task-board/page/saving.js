/** Requests that change something: sent until there is an answer, in such a way that however often they arrive, the change is made once. */

const PAUSE_MS = 500;
const PATIENCE_MS = 60_000;
/** Longer than the board itself takes to give up. */
const TRY_MS = 8_000;

/**
 * Resolves with `{ status, body }`; rejects with an Error in words for the user when there was no answer for a minute. A POST carries a key
 * that the board remembers; any other request names the version that it is meant for.
 */
export async function save(method, path, { body, version } = {}) {
  const request = {
    method,
    headers: {
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(version === undefined ? { 'Idempotency-Key': newKey() } : { 'If-Match': `"${version}"` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
  const startedAtMs = performance.now();
  while (performance.now() - startedAtMs < PATIENCE_MS) {
    const answer = await attempt(path, request);
    if (answer !== undefined) return answer;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error('There was no answer for a minute. It may have been saved or not: look again later.');
}

/** Undefined where it is not known whether anything was done, or certain that nothing was: both are mended by asking again. */
async function attempt(path, request) {
  try {
    const response = await fetch(path, { ...request, signal: AbortSignal.timeout(TRY_MS) });
    if (response.status === 503) return undefined;
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** 128 random bits; `crypto.randomUUID` is only there over HTTPS and on localhost. */
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
