/** Sends a request to a node, and returns its outcome. */

/** @import { NodeRequest } from '../model/requests.js' */
/** @import { Reach } from './reach.js' */
/** @typedef {{ readonly status: number, readonly text: string, readonly revision: number | undefined }} Answer */

/** Longer than a failover takes. The node itself gives up after ten seconds. */
const PATIENCE_MS = 12_000;

/**
 * @param {Reach} reach
 * @param {NodeRequest} request
 * @returns {Promise<Answer>} rejects with an Error with a message for the user if there was no answer
 */
export async function send(reach, { method, base, path, headers, body }) {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    const request = { method, headers, ...(body !== undefined && { body }) };
    const { status, text, tag } = await reach.ask(base, path, request, signal);
    const revision = /^"(\d+)"$/.exec(tag ?? '')?.[1];
    return { status, text, revision: revision === undefined ? undefined : Number(revision) };
  } catch {
    const certainty = method === 'GET' ? '' : ' It may have been done or not: look again before you repeat it.';
    throw new Error(`No answer from ${base.replace('http://', '')}.${certainty}`);
  }
}

/** The text of a failure that a node answered. @param {Answer} answer */
export function failureOf({ status, text }) {
  try {
    const { error } = JSON.parse(text);
    return `${error.message} (${error.data?.name ?? status})`;
  } catch {
    return `the answer was ${status}`;
  }
}
