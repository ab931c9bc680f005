/** A committed entry is never cut off, changed, or committed as another entry. */
import type { Range } from '../simulation/log-watch.ts';
import type { Truth } from '../simulation/truth.ts';
import type { ClusterFacts, Invariant, ObservedStep } from './invariant.ts';

export class CommittedStays implements Invariant {
  readonly property = 'what is committed stays';
  readonly rules = 'R3, R5, R7';
  readonly looksAt = 'log';
  /** The commit index of each run. */
  readonly #committed = new Map<string, number>();

  onReplica({ change, replica, log }: ObservedStep, { truth }: ClusterFacts): string | undefined {
    if (change === undefined) return undefined;
    const { incarnation, server, commitIndex } = replica;
    const before = this.#committed.get(incarnation) ?? 0;
    this.#committed.set(incarnation, commitIndex);
    if (commitIndex < before) return `the commit index of ${server} fell from ${before} to ${commitIndex}`;
    if (change.installed > truth.lastIndex) {
      return `${server} took in a state of ${change.installed}, and only ${truth.lastIndex} is committed`;
    }
    if (change.installed === 0 && !isEmpty(change.cut) && change.cut.from <= before) {
      return `${server} cut off its entry ${change.cut.from}, which was committed there`;
    }
    return commit({ replica, log }, change.committed, truth);
  }
}

function commit(
  { replica, log }: Pick<ObservedStep, 'replica' | 'log'>,
  { from, to }: Range,
  truth: Truth,
): string | undefined {
  for (let index = from; index <= to; index++) {
    const known = truth.viewnumAt(index);
    if (known === undefined && replica.role !== 'primary') {
      return `${replica.server}, ${replica.role}, is the first to commit entry ${index}`;
    }
    // An entry that was appended, committed and trimmed in one step was not seen. At a primary it is of the primary's
    // own view. At a backup, the entries after it show that it is the right one.
    const viewnum = log.viewnumAt(index) ?? (known === undefined ? replica.view.viewnum : known);
    if (known === undefined) truth.commit(index, viewnum);
    else if (known !== viewnum) {
      return `entry ${index} is committed as one of view ${known}, and at ${replica.server} as one of view ${viewnum}`;
    }
  }
  return undefined;
}

function isEmpty({ from, to }: Range): boolean {
  return to < from;
}
