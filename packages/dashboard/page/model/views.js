/**
 * The timeline of views, each with its cause and the time of its acknowledgement, combined from the reports of all
 * nodes.
 */

/** @import { ViewEntry } from './state.d.ts' */
/** @import { Cause, View } from './status.d.ts' */

const MOST = 200;

export class ViewTimeline {
  /** In the order of their numbers. @type {readonly ViewEntry[]} */
  #entries = [];

  /** @returns {readonly ViewEntry[]} */
  get entries() {
    return this.#entries;
  }

  /**
   * The monitor reports a view with its causes; each server reports it without. The report with causes has the best
   * time.
   * @param {View} view
   * @param {number} at
   * @param {readonly Cause[]} causes
   */
  began(view, at, causes) {
    if (view.viewnum === 0) return;
    const known = this.#find(view.viewnum);
    if (known !== undefined && (known.causes.length > 0 || causes.length === 0)) return;
    this.#put({ viewnum: view.viewnum, at, view, causes, acknowledgedAt: known?.acknowledgedAt, isFailover: false });
  }

  /**
   * @param {number} viewnum
   * @param {number} at
   */
  acknowledged(viewnum, at) {
    const known = this.#find(viewnum);
    if (known !== undefined && known.acknowledgedAt === undefined) {
      this.#put({ ...known, acknowledgedAt: Math.max(known.at, at) });
    }
  }

  /** The view at that moment. @param {number} at */
  holdingAt(at) {
    return this.#entries.findLast((entry) => entry.at <= at);
  }

  /** @param {number} viewnum */
  #find(viewnum) {
    return this.#entries.findLast((entry) => entry.viewnum === viewnum);
  }

  /** @param {ViewEntry} entry */
  #put(entry) {
    const others = this.#entries.filter(({ viewnum }) => viewnum !== entry.viewnum);
    const sorted = [...others, entry].sort((one, other) => one.viewnum - other.viewnum).slice(-MOST);
    this.#entries = sorted.map((it, index) => {
      const isFailover = index > 0 && sorted[index - 1]?.view.primary !== it.view.primary;
      return it.isFailover === isFailover ? it : { ...it, isFailover };
    });
  }
}
