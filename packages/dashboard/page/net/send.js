/** Sends a request to a node, and tells what became of it. */

/** @import { NodeRequest } from '../model/requests.js' */
/** @typedef {{ readonly status: number, readonly text: string, readonly revision: number | undefined }} Answer */

/** Longer than a failover takes; the node itself gives up after ten seconds. */
const PATIENCE_MS = 12_000;

/**
 * @param {NodeRequest} request
 * @returns {Promise<Answer>} rejects with an Error in words for the user when there was no answer
 */
export async function send({ method, base, path, headers, body }) {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    const response = await fetch(base + path, {
      method,
      headers,
      signal,
      cache: 'no-store',
      ...(body !== undefined && { body }),
    });
    const revision = /^"(\d+)"$/.exec(response.headers.get('ETag') ?? '')?.[1];
    return {
      status: response.status,
      text: await response.text(),
      revision: revision === undefined ? undefined : Number(revision),
    };
  } catch {
    const certainty = method === 'GET' ? '' : ' It may have been done or not: look again before you repeat it.';
    throw new Error(`No answer from ${base.replace('http://', '')}.${certainty}`);
  }
}

/** What a node says of a failure. @param {Answer} answer */
export function failureOf({ status, text }) {
  try {
    const { error } = JSON.parse(text);
    return `${error.message} (${error.data?.name ?? status})`;
  } catch {
    return `the answer was ${status}`;
  }
}
