/**
 * A backup that its primary names as lost leaves the view, and stays out for the wait that the monitor announced (V13).
 * Otherwise a primary that cannot reach its backup commits nothing, or gets the same backup back at once and waits for
 * it again.
 */
import type { MonitorStep, Ping } from '@understudy/sysmonitor';
import type { Invariant } from './invariant.ts';

export interface LostBackupsParts {
  /** Virtual milliseconds. */
  readonly now: () => number;
  /** How often the monitor was started. A new run of it remembers no waits. */
  readonly monitorStarts: () => number;
}

/** The monitor's clock may be this much faster than the world's. */
const CLOCK_SHARE = 0.8;
/** The backup must be gone before the primary has named it in this many successive pings that the monitor took. */
const MOST_NAMED = 3;

export class LostBackups implements Invariant {
  readonly property = 'a backup that its primary cannot reach leaves the view, and comes back after a wait only';
  readonly rules = 'V13';
  readonly #parts: LostBackupsParts;
  /** The time until which each server stays out, by address. */
  readonly #outUntil = new Map<string, number>();
  /** In how many successive pings the primary has named each backup that is still in the view. */
  #named = new Map<string, number>();
  /** The secret of the run that acknowledged last. A ping with another secret may come from any sender. */
  #secret: string | undefined;
  /** The latest ping that was taken. */
  #last: { readonly secret: string | undefined; readonly seq: number } | undefined;
  #starts = 0;

  constructor(parts: LostBackupsParts) {
    this.#parts = parts;
  }

  onMonitor({ ping, isRefused, notices, state }: MonitorStep): string | undefined {
    const starts = this.#parts.monitorStarts();
    if (starts !== this.#starts) this.#outUntil.clear();
    this.#starts = starts;
    const early = notices.map((notice) => this.#joinedEarly(notice)).find((message) => message !== undefined);
    if (early !== undefined) return early;
    const { primary, backups } = state?.view ?? { primary: '', backups: [] };
    // A refused ping changes nothing: no server confirmed it, or a newer process has the address.
    if (ping === undefined || isRefused === true || ping.server !== primary) return undefined;
    if (notices.some(({ kind }) => kind === 'acknowledged')) this.#secret = ping.secret;
    if (ping.secret !== this.#secret || this.#isLate(ping)) return undefined;
    return ping.leaving === true ? undefined : this.#stays(ping, backups);
  }

  #joinedEarly(notice: MonitorStep['notices'][number]): string | undefined {
    if (notice.kind !== 'view') return undefined;
    const now = this.#parts.now();
    for (const cause of notice.causes) {
      if (cause.kind === 'backup-unreachable') this.#outUntil.set(cause.server, now + CLOCK_SHARE * cause.waitMs);
      if (cause.kind !== 'backup-joined') continue;
      const leftMs = (this.#outUntil.get(cause.server) ?? 0) - now;
      if (leftMs > 0) return `${cause.server} joined again ${leftMs.toFixed(0)} ms before its wait was over`;
    }
    return undefined;
  }

  /** A copy of a ping, or one that a later one overtook, changes nothing (V11). */
  #isLate({ secret, seq }: Ping): boolean {
    if (seq === undefined) return false;
    const last = this.#last;
    if (last !== undefined && last.secret === secret && seq <= last.seq) return true;
    this.#last = { secret, seq };
    return false;
  }

  #stays({ lost = [] }: Ping, backups: readonly string[]): string | undefined {
    const before = this.#named;
    this.#named = new Map();
    for (const server of lost.filter((name) => backups.includes(name))) {
      const times = (before.get(server) ?? 0) + 1;
      this.#named.set(server, times);
      if (times >= MOST_NAMED)
        return `${server} is still a backup, and its primary has named it as lost ${times} times`;
    }
    return undefined;
  }
}
