/** What came of the trials, by folder, for people. */
import { type Triaged, triaged } from './triage.ts';
import type { Outcome, Trial } from './trial.ts';

export function tableOf(trials: readonly Trial[], known: readonly Triaged[]): string {
  const folders = [...new Set(trials.map(({ mutant }) => mutant.subject.folder))].sort();
  const rows = folders.map((folder) =>
    rowOf(
      folder,
      trials.filter(({ mutant }) => mutant.subject.folder === folder),
      known,
    ),
  );
  return [HEAD, LINE, ...rows, ...(folders.length > 1 ? [rowOf('all', trials, known)] : [])].join('\n');
}

export function survivorsOf(trials: readonly Trial[], known: readonly Triaged[]): string {
  const survivors = trials.filter(({ outcome }) => outcome === 'survived');
  return survivors.map(({ mutant }) => inWords(mutant, triaged(mutant, known))).join('\n');
}

/** The share of the mistakes that are not equivalent that was caught; 1 when there are none. */
export function scoreOf(trials: readonly Trial[], known: readonly Triaged[]): number {
  const counted = trials.filter((it) => !isEquivalent(it, known));
  const caught = counted.filter(({ outcome }) => outcome !== 'survived');
  return counted.length === 0 ? 1 : caught.length / counted.length;
}

const HEAD = '| folder | mistakes | by tests | by simulation | by time | equivalent | survived | caught |';
const LINE = '|---|---|---|---|---|---|---|---|';

function rowOf(folder: string, trials: readonly Trial[], known: readonly Triaged[]): string {
  const count = (outcome: Outcome) => trials.filter((it) => it.outcome === outcome).length;
  const equivalent = trials.filter((it) => isEquivalent(it, known)).length;
  const caught = `${Math.round(scoreOf(trials, known) * 100)} %`;
  const counts = [count('tests'), count('simulation'), count('time'), equivalent, count('survived') - equivalent];
  return `| ${[folder, trials.length, ...counts, caught].join(' | ')} |`;
}

function isEquivalent({ mutant, outcome }: Trial, known: readonly Triaged[]): boolean {
  return outcome === 'survived' && triaged(mutant, known)?.verdict === 'equivalent';
}

function inWords({ file, mutation }: Trial['mutant'], known: Triaged | undefined): string {
  const verdict = known === undefined ? 'not looked at' : `${known.verdict}: ${known.reason}`;
  return `${file}:${mutation.line} ${mutation.rule} (${verdict})\n  - ${mutation.before}\n  + ${mutation.after}`;
}
