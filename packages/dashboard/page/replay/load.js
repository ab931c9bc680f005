/** Loads the trace from the server, block by block. */

/** @import { Start, TraceEvent } from './model/trace.d.ts' */

/**
 * @typedef {{
 *   name: string,
 *   start: Start,
 *   events: number,
 *   lastAt: number,
 *   missing: string,
 *   blocks: number,
 * }} Summary
 */

/** The summary of the trace file. @returns {Promise<Summary>} */
export async function loadSummary() {
  return (await ask('/replay/trace')).json();
}

/**
 * @param {Summary} summary
 * @param {(events: number) => void} onProgress
 * @returns {Promise<TraceEvent[]>}
 */
export async function loadEvents({ blocks }, onProgress) {
  /** @type {TraceEvent[]} */
  const events = [];
  for (let block = 0; block < blocks; block++) {
    const text = await (await ask(`/replay/events?block=${block}`)).text();
    for (const line of text.split('\n')) events.push(JSON.parse(line));
    onProgress(events.length);
  }
  return events;
}

/**
 * The event as the file contains it, with the whole text of a message.
 * @param {number} place
 * @param {AbortSignal} signal
 * @returns {Promise<Record<string, unknown>>}
 */
export async function loadEvent(place, signal) {
  return (await ask(`/replay/event?event=${place}`, signal)).json();
}

/**
 * @param {string} path
 * @param {AbortSignal} [signal]
 */
async function ask(path, signal) {
  const response = await fetch(path, signal === undefined ? {} : { signal });
  if (response.ok) return response;
  const answer = await response.json().catch(() => undefined);
  throw new Error(answer?.error?.message ?? `${path}: ${response.status}`);
}
