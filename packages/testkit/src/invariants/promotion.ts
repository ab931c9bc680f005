/** A backup that is still syncing is never promoted. */
import type { MonitorStep, View } from '@understudy/sysmonitor';
import type { Invariant } from './invariant.ts';

export class Promotion implements Invariant {
  readonly property = 'no syncing backup is promoted';
  readonly rules = 'V3, V4';
  #last: View | undefined;

  onMonitor({ notices, state }: MonitorStep): string | undefined {
    const before = this.#last;
    const view = state?.view;
    this.#last = view;
    if (view === undefined || before === undefined || view.primary === before.primary) return undefined;
    const isAcknowledgedMeanwhile = notices.some(
      (notice) => notice.kind === 'acknowledged' && notice.view.viewnum === before.viewnum,
    );
    if (isAcknowledgedMeanwhile || !before.syncing.includes(view.primary)) return undefined;
    return `${view.primary}, primary of view ${view.viewnum}, was syncing in view ${before.viewnum}`;
  }
}
