/** A server knows only views that a monitor has given. Any other view in a message is made up (R3). */
import type { MonitorStep, View } from '@understudy/sysmonitor';
import type { Invariant, ObservedStep } from './invariant.ts';

export class GivenViews implements Invariant {
  readonly property = 'servers know only views that a monitor has given';
  readonly rules = 'R3, V12';
  readonly looksAt = 'state';
  readonly #given = new Set<string>();
  #last: View | undefined;
  /** The view of each replica that was checked already. */
  readonly #known = new WeakMap<object, View>();

  onReplica({ replica }: ObservedStep): string | undefined {
    const { view } = replica;
    if (view.viewnum === 0 || this.#known.get(replica) === view) return undefined;
    this.#known.set(replica, view);
    const name = nameOf(view);
    return this.#given.has(name) ? undefined : `${replica.server} knows ${name}, which no monitor has given`;
  }

  onMonitor({ notices, state }: MonitorStep): undefined {
    for (const notice of notices) if (notice.kind === 'view') this.#given.add(nameOf(notice.view));
    // The view that a monitor continues from, without a notice of it in this run.
    if (state === undefined || state.view === this.#last) return;
    this.#last = state.view;
    this.#given.add(nameOf(state.view));
  }
}

function nameOf({ viewnum, cluster, primary, backups }: View): string {
  return `view ${viewnum} of ${cluster}, primary ${primary}, backups [${backups}]`;
}
