/** One mistake, and what came of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Mutation, mutationsOf } from './mutations.ts';
import { ROOT, type Subject, sourcesOf } from './subjects.ts';

export interface Mutant {
  readonly subject: Subject;
  readonly file: string;
  readonly mutation: Mutation;
  /** Its switch in the texts of its subject; the first is 1. */
  readonly id: number;
  /** How often the same mistake stands before it in the file. It names the place, and does not change with its line. */
  readonly earlier: number;
}

/** What caught it. `time`: it did not come to an end. */
export type Outcome = 'tests' | 'simulation' | 'time' | 'survived';

export interface Trial {
  readonly mutant: Mutant;
  readonly outcome: Outcome;
  /** The test or the seed that caught it. */
  readonly by: string;
  readonly ms: number;
}

/** All mistakes that can be made in a subject, in the order of its sources. */
export function mutantsOf(subject: Subject): readonly Mutant[] {
  let id = 0;
  return sourcesOf(subject).flatMap((file) => {
    const before = new Map<string, number>();
    return mutationsOf(readFileSync(join(ROOT, file), 'utf8')).map((mutation) => {
      const name = `${mutation.rule} ${mutation.before} ${mutation.after}`;
      const earlier = before.get(name) ?? 0;
      before.set(name, earlier + 1);
      id += 1;
      return { subject, file, mutation, id, earlier };
    });
  });
}

/** The same mistake at the same place has the same name, whatever stands around it. */
export function nameOf({ file, mutation, earlier }: Mutant): string {
  return [file, mutation.rule, mutation.before, mutation.after, earlier].join(' ');
}
