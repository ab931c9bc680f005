/**
 * The monitor reports nothing that is not on its disk (V9). The invariant reads the disk itself whenever the monitor
 * has answered, and whenever a server learns a new view. It does not ask the monitor's own store, so a bug there cannot
 * hide itself.
 */
import { type StoredEntry, UnderstudyError, unseal } from '@understudy/rpc';
import type { MonitorState, MonitorStep } from '@understudy/sysmonitor';
import type { Invariant, ObservedStep } from './invariant.ts';

type Seat = MonitorState['seats'][number];

export class MonitorSaves implements Invariant {
  readonly property = 'the monitor tells nothing that is not on its disk';
  readonly rules = 'V9';
  readonly #read: () => readonly StoredEntry[];
  /** The highest view that was on disk, by cluster id. If it was lost since, nothing needs to remember it. */
  readonly #highest = new Map<string, number>();
  /** The view of each replica that was checked already. */
  readonly #known = new WeakMap<object, unknown>();
  #text = '';
  #saved: MonitorState | undefined;

  /** @param read Returns the records that are on stable storage now. */
  constructor(read: () => readonly StoredEntry[]) {
    this.#read = read;
  }

  onReplica({ effects, replica }: ObservedStep): string | undefined {
    // A server that learns of a view reports it in an effect.
    if (effects.length === 0) return undefined;
    const { view, server } = replica;
    if (view.viewnum === 0 || this.#known.get(replica) === view) return undefined;
    this.#known.set(replica, view);
    const { viewnum, cluster = '' } = view;
    if (viewnum > (this.#highest.get(cluster) ?? 0)) this.#refresh();
    const highest = this.#highest.get(cluster) ?? 0;
    return viewnum > highest
      ? `${server} knows view ${viewnum}, and the monitor has had no view above ${highest} of this cluster on its disk`
      : undefined;
  }

  onMonitor({ state }: MonitorStep): string | undefined {
    this.#refresh();
    if (state === undefined) return undefined;
    const missing = missingIn(this.#saved, state);
    return missing === '' ? undefined : `the monitor answered, and its disk lacks ${missing}`;
  }

  #refresh(): void {
    const [record] = this.#read();
    const text = record?.[1] ?? '';
    if (text === this.#text) return;
    this.#text = text;
    this.#saved = record === undefined ? undefined : stateIn(record);
    if (this.#saved === undefined) return;
    const { viewnum, cluster = '' } = this.#saved.view;
    this.#highest.set(cluster, Math.max(viewnum, this.#highest.get(cluster) ?? 0));
  }
}

/** Undefined also if the record is damaged. */
function stateIn(record: StoredEntry): MonitorState | undefined {
  try {
    return (unseal(record) as { readonly state: MonitorState | null }).state ?? undefined;
  } catch (error) {
    if (error instanceof UnderstudyError && error.name === 'STORE_DAMAGED') return undefined;
    throw error;
  }
}

/** What the saved state lacks of a reported one; "" if nothing. The saved state may be newer. */
function missingIn(saved: MonitorState | undefined, told: MonitorState): string {
  const { viewnum, cluster } = told.view;
  if (saved === undefined || saved.view.cluster !== cluster || saved.view.viewnum < viewnum) return `view ${viewnum}`;
  if (saved.view.viewnum > viewnum) return '';
  if (told.acknowledged && !saved.acknowledged) return `that view ${viewnum} is acknowledged`;
  const short = told.seats.find((seat) => !holds(saved, seat));
  return short === undefined ? '' : `what ${short.server} reported in its seat of view ${viewnum}`;
}

function holds({ seats }: MonitorState, { server, tookPart, lostData, position }: Seat): boolean {
  const kept = seats.find((seat) => seat.server === server);
  if (kept === undefined || (tookPart && !kept.tookPart) || (lostData && !kept.lostData)) return false;
  if (position === undefined) return true;
  const { viewnum = 0, index = 0 } = kept.position ?? {};
  return (viewnum - position.viewnum || index - position.index) >= 0;
}
