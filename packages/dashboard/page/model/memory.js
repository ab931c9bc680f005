/**
 * The page's memory of the last half hour: what each node reported. The last two minutes are kept second by second,
 * older times at longer intervals, so that half an hour takes hardly more memory than five minutes. Everything around a
 * change is kept.
 */

/** @import { NodeState } from './state.d.ts' */
/** @typedef {{ readonly at: number, readonly until: number, readonly isNews: boolean, readonly nodes: readonly NodeState[] }} Snapshot `until`: as late as that there was something, which this one stands for */

export const EVERY_MS = 1_000;
const KEPT_MS = 30 * 60_000;
/** Of snapshots older than this, only one per stride is kept. */
const STRIDES = [
  { olderThanMs: 600_000, strideMs: 20_000 },
  { olderThanMs: 120_000, strideMs: 5_000 },
];
/** After a change, nothing is left out for this long. */
const AFTER_NEWS_MS = 30_000;
/** If nothing was heard for longer than this, no snapshot stands for that time. */
const GAP_MS = 2_500;
const THIN_EVERY_MS = 5_000;
/** A bound for the number of snapshots, however much happens. */
const MOST = 900;

export class Memory {
  /** Oldest first. @type {Snapshot[]} */
  #snapshots = [];
  #thinnedAt = Number.NEGATIVE_INFINITY;

  /** The time of the oldest snapshot. */
  get since() {
    return this.#snapshots[0]?.at;
  }

  get length() {
    return this.#snapshots.length;
  }

  /**
   * @param {number} at
   * @param {readonly NodeState[]} nodes
   * @param {boolean} [isNews] keep the snapshot however recent the last one is
   */
  keep(at, nodes, isNews = false) {
    const last = this.#snapshots.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
    if (at <= last || (!isNews && at - last < EVERY_MS)) return;
    this.#snapshots.push({ at, until: at, isNews, nodes });
    if (at - this.#thinnedAt >= THIN_EVERY_MS || this.#snapshots.length > MOST) this.#thin(at);
  }

  /**
   * The last snapshot at or before that moment; the first one if there is none.
   * @param {number} at
   */
  at(at) {
    let low = 0;
    let high = this.#snapshots.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const snapshot = /** @type {Snapshot} */ (this.#snapshots[middle]);
      if (snapshot.at <= at) low = middle + 1;
      else high = middle;
    }
    return this.#snapshots[Math.max(0, low - 1)];
  }

  /** @param {number} now */
  #thin(now) {
    /** @type {Snapshot[]} */
    const kept = [];
    let newsAt = Number.NEGATIVE_INFINITY;
    for (const snapshot of this.#snapshots) {
      const last = kept.at(-1);
      const isDetail = snapshot.isNews || snapshot.at - newsAt <= AFTER_NEWS_MS;
      if (snapshot.isNews) newsAt = snapshot.at;
      if (now - snapshot.until > KEPT_MS) continue;
      if (last === undefined || isDetail || !standsFor(last, snapshot, now)) kept.push(snapshot);
      else kept[kept.length - 1] = { ...last, until: snapshot.until };
    }
    this.#snapshots = kept.slice(-MOST);
    this.#thinnedAt = now;
  }
}

/**
 * A snapshot that stands for a longer time applies to all of it with the age that it had at its own moment.
 * @param {Snapshot} snapshot
 * @param {number} moment
 */
export function sameMomentIn({ at, until }, moment) {
  return moment - Math.max(0, Math.min(moment, until) - at);
}

/** @param {Snapshot} one @param {Snapshot} next @param {number} now */
function standsFor(one, next, now) {
  const strideMs = STRIDES.find(({ olderThanMs }) => now - next.at > olderThanMs)?.strideMs ?? 0;
  return !one.isNews && next.until - one.at < strideMs && next.at - one.until < GAP_MS;
}
