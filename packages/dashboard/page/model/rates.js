/**
 * Operations per second, latencies, retries and duplicates over the last half hour, computed from the counters in the
 * samples of all servers.
 */
import { Series } from './series.js';

/** @import { Calls } from '../../src/feed.ts' */
/** @typedef {{ readonly at: number, readonly since: number, readonly done: number, readonly refused: number, readonly duplicates: number }} Counted */

export const BUCKET_MS = 250;
export const KEPT_MS = 30 * 60_000;
/** Two samples further apart than this say nothing about the time between them. */
const LONGEST_GAP_MS = 5_000;
/** Failures after which a client tries again, perhaps at another server. */
const RETRIED = ['NOT_PRIMARY', 'NOT_READY', 'OVERLOADED', 'RECOVERING', 'STALE_VIEW'];

export class Rates {
  operations = newSeries();
  p50Ms = newSeries();
  p99Ms = newSeries();
  retries = newSeries();
  duplicates = newSeries();
  /** @type {Map<string, Counted>} by node: its last sample */
  #last = new Map();

  /**
   * @param {string} node
   * @param {{ at: number, since: number, calls: Calls, duplicates: number }} sample `at` on the page's clock
   */
  add(node, { at, since, calls, duplicates }) {
    const counted = {
      at,
      since,
      done: sum(calls.byMethod),
      refused: RETRIED.reduce((total, name) => total + (calls.failures[name] ?? 0), 0),
      duplicates,
    };
    const last = this.#last.get(node);
    this.#last.set(node, counted);
    if (last === undefined || last.since !== since || at <= last.at || at - last.at > LONGEST_GAP_MS) return;
    this.operations.spread(last.at, at, Math.max(0, counted.done - last.done));
    this.retries.spread(last.at, at, Math.max(0, counted.refused - last.refused));
    this.duplicates.spread(last.at, at, Math.max(0, counted.duplicates - last.duplicates));
    const { lately } = calls;
    if (lately?.p50Ms != null) this.p50Ms.hold(last.at, at, lately.p50Ms);
    if (lately?.p99Ms != null) this.p99Ms.hold(last.at, at, lately.p99Ms);
  }
}

function newSeries() {
  return new Series(BUCKET_MS, KEPT_MS / BUCKET_MS);
}

/** @param {Readonly<Record<string, number>>} counts */
function sum(counts) {
  let total = 0;
  for (const name in counts) total += counts[name] ?? 0;
  return total;
}
