/**
 * Views follow one another by the rules: no number is used twice, none is skipped, and the primary always comes from
 * the previous view.
 */
import type { MonitorStep, View } from '@understudy/sysmonitor';
import type { Invariant, ObservedStep } from './invariant.ts';

export class ViewSuccession implements Invariant {
  readonly property = 'views follow one another';
  readonly rules = 'V8, V12';
  readonly looksAt = 'state';
  /**
   * The last view of each cluster id. A monitor that lost everything may begin a new cluster with numbers of its own.
   */
  readonly #last = new Map<string, View>();
  /**
   * The highest view in which a primary acted, by cluster id. A monitor may lose its state again before the primary
   * heard of the rebuilt view, and then reach the same numbers again. That is harmless, because no server acted in
   * them.
   */
  readonly #actedIn = new Map<string, number>();

  onReplica({ replica }: ObservedStep): undefined {
    if (replica.role !== 'primary') return;
    const { viewnum, cluster = '' } = replica.view;
    if (viewnum > (this.#actedIn.get(cluster) ?? 0)) this.#actedIn.set(cluster, viewnum);
  }

  onMonitor({ notices, state }: MonitorStep): string | undefined {
    for (const notice of notices) {
      if (notice.kind !== 'view') continue;
      const fault = this.#follow(
        notice.view,
        notice.causes.some(({ kind }) => kind === 'rebuilt'),
      );
      if (fault !== undefined) return fault;
    }
    return state === undefined ? undefined : this.#goesOnFrom(state.view);
  }

  /**
   * The monitor may save a view and die before it reports it. Such a view shows only in what the next run continues
   * from.
   */
  #goesOnFrom(view: View): string | undefined {
    const before = this.#last.get(view.cluster ?? '');
    if (before === undefined || view.viewnum <= before.viewnum) return undefined;
    return this.#follow(view, view.viewnum !== before.viewnum + 1);
  }

  #follow(view: View, isRebuilt: boolean): string | undefined {
    const { cluster = '' } = view;
    const before = this.#last.get(cluster);
    this.#last.set(cluster, view);
    if (isRebuilt) {
      const acted = this.#actedIn.get(cluster) ?? 0;
      return view.viewnum > acted ? undefined : `view ${view.viewnum} was rebuilt after view ${acted}`;
    }
    return before === undefined ? undefined : faultOf(before, view);
  }
}

function faultOf(before: View, view: View): string | undefined {
  if (view.viewnum !== before.viewnum + 1) return `view ${view.viewnum} came after view ${before.viewnum}`;
  if (view.primary !== before.primary && !before.backups.includes(view.primary)) {
    return `${view.primary}, primary of view ${view.viewnum}, was no member of the view before`;
  }
  if (new Set([view.primary, ...view.backups]).size !== view.backups.length + 1) {
    return `view ${view.viewnum} gives a server two seats`;
  }
  return undefined;
}
