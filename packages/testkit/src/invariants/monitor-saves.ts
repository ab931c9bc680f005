/**
 * The monitor tells nothing that is not on its disk (V9). The invariant reads what is on the disk itself, whenever the monitor has
 * answered, and whenever a server knows a view that it has not known before. It does not ask the monitor's own store, so a mistake there
 * cannot hide itself.
 */
import { type StoredEntry, UnderstudyError, unseal } from '@understudy/rpc';
import type { MonitorState, MonitorStep } from '@understudy/sysmonitor';
import type { Invariant, ObservedStep } from './invariant.ts';

type Seat = MonitorState['seats'][number];

export class MonitorSaves implements Invariant {
  readonly property = 'the monitor tells nothing that is not on its disk';
  readonly rules = 'V9';
  readonly #read: () => readonly StoredEntry[];
  /** Of each cluster id, the highest view that was on the disk. It may have been lost since: then nobody has to remember it. */
  readonly #highest = new Map<string, number>();
  /** Views that were looked at already. */
  readonly #known = new WeakMap<object, unknown>();
  #text = '';
  #saved: MonitorState | undefined;

  /** @param read The records that are on stable storage now. */
  constructor(read: () => readonly StoredEntry[]) {
    this.#read = read;
  }

  onReplica({ effects, replica }: ObservedStep): string | undefined {
    // A server that learns of a view says so.
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

/** Undefined also where the record is damaged. */
function stateIn(record: StoredEntry): MonitorState | undefined {
  try {
    return (unseal(record) as { readonly state: MonitorState | null }).state ?? undefined;
  } catch (error) {
    if (error instanceof UnderstudyError && error.name === 'STORE_DAMAGED') return undefined;
    throw error;
  }
}

/** What of a state that was told is not in what is saved, which may be newer; "": nothing. */
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
