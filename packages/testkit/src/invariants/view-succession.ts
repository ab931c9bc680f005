/** Views follow one another by the rules: no number twice, none left out, the primary always from the view before. */
import type { MonitorStep, View } from '@understudy/sysmonitor';
import type { Invariant } from './invariant.ts';

export class ViewSuccession implements Invariant {
  readonly property = 'views follow one another';
  readonly rules = 'V8, V12';
  /** Of each cluster id: a monitor that lost everything may begin a new cluster, with numbers of its own. */
  readonly #last = new Map<string, View>();

  onMonitor({ notices }: MonitorStep): string | undefined {
    for (const notice of notices) {
      if (notice.kind !== 'view') continue;
      const { view, causes } = notice;
      const before = this.#last.get(view.cluster ?? '');
      this.#last.set(view.cluster ?? '', view);
      const isRebuilt = causes.some(({ kind }) => kind === 'rebuilt');
      const fault = before === undefined ? undefined : faultOf(before, view, isRebuilt);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
}

function faultOf(before: View, view: View, isRebuilt: boolean): string | undefined {
  if (isRebuilt) {
    return view.viewnum > before.viewnum || isSameAgain(before, view)
      ? undefined
      : `view ${view.viewnum} was rebuilt after view ${before.viewnum}`;
  }
  if (view.viewnum !== before.viewnum + 1) return `view ${view.viewnum} came after view ${before.viewnum}`;
  if (view.primary !== before.primary && !before.backups.includes(view.primary)) {
    return `${view.primary}, primary of view ${view.viewnum}, was no member of the view before`;
  }
  if (new Set([view.primary, ...view.backups]).size !== view.backups.length + 1) {
    return `view ${view.viewnum} gives a server two seats`;
  }
  return undefined;
}

/** A monitor that loses its state twice, before anybody heard of what it had rebuilt, comes to the same view again: it contradicts nothing. */
function isSameAgain(before: View, view: View): boolean {
  const run = ({ incarnations = {}, primary }: View) => incarnations[primary];
  const isSame = view.viewnum === before.viewnum && view.primary === before.primary && run(view) === run(before);
  return isSame && view.backups.length === 0 && before.backups.length === 0;
}
