/**
 * Survivors that somebody has looked at: those that no test can catch, with the reason, and those that a test is still
 * to be written for.
 */
import { readFileSync } from 'node:fs';
import type { Mutant } from './trial.ts';

export interface Triaged {
  readonly file: string;
  readonly rule: string;
  /** The text that is replaced, and what replaces it; so an entry holds until that very place changes. */
  readonly before: string;
  readonly after: string;
  /** How often the same stands before it in the file. */
  readonly earlier: number;
  readonly verdict: 'equivalent' | 'open';
  /** Of `equivalent`: why nothing can tell the difference. Of `open`: what is missing. */
  readonly reason: string;
}

export function readTriage(): readonly Triaged[] {
  return JSON.parse(readFileSync(new URL('survivors.json', import.meta.url), 'utf8')) as readonly Triaged[];
}

export function triaged({ file, mutation, earlier }: Mutant, all: readonly Triaged[]): Triaged | undefined {
  const { rule, before, after } = mutation;
  return all.find(
    (it) =>
      it.file === file && it.rule === rule && it.before === before && it.after === after && it.earlier === earlier,
  );
}
