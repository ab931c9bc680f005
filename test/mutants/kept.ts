/** The sample that CI tries each time, and the share of it that was caught when somebody last looked. */
import { readFileSync } from 'node:fs';
import { scoreOf } from './report.ts';
import { type Triaged, triaged } from './triage.ts';
import type { Trial } from './trial.ts';

export interface Kept {
  readonly sample: number;
  readonly seed: string;
  /** Of the simulation. */
  readonly seeds: number;
  /** Of those that are not equivalent; from 0 to 1. */
  readonly caught: number;
}

export function readKept(): Kept {
  return JSON.parse(readFileSync(new URL('kept.json', import.meta.url), 'utf8')) as Kept;
}

/** Empty: nothing has got worse. */
export function complaintsOf(trials: readonly Trial[], known: readonly Triaged[], kept: Kept): readonly string[] {
  const survivors = trials.filter(({ outcome }) => outcome === 'survived');
  const unknown = survivors.filter(({ mutant }) => triaged(mutant, known) === undefined);
  const named = unknown.map(
    ({ mutant: { file, mutation } }) =>
      `survived, and is not in test/mutants/survivors.json: ${file}:${mutation.line} ${mutation.rule}`,
  );
  const score = scoreOf(trials, known);
  const isLess = score < kept.caught;
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  return [
    ...named,
    ...(isLess ? [`caught ${percent(score)}; test/mutants/kept.json says ${percent(kept.caught)}`] : []),
  ];
}
