/** An answer shows only committed entries: no uncommitted entry is ever read. */
import type { Invariant, ObservedStep } from './invariant.ts';

export class CommittedAnswers implements Invariant {
  readonly property = 'answers show only what is committed';
  readonly rules = 'R5';
  readonly looksAt = 'talk';

  onReplica({ answers, replica }: ObservedStep): string | undefined {
    for (const { result } of answers) {
      for (const revision of revisionsOf(result)) {
        if (revision > replica.commitIndex) {
          return `${replica.server} answered with revision ${revision}, and has committed only ${replica.commitIndex}: ${JSON.stringify(result)}`;
        }
      }
    }
    return undefined;
  }
}

function revisionsOf(result: object): readonly number[] {
  if ('revision' in result && typeof result.revision === 'number') return [result.revision];
  if (!('entries' in result) || !Array.isArray(result.entries)) return [];
  return result.entries.map(({ revision }: { revision: number }) => revision);
}
