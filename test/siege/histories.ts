/**
 * Histories of a siege, one file a round, checked by `understudy check`.
 *
 * Each round has keys of its own, and ends when no operation is under way; so each history stands for itself. Some keys of earlier
 * rounds are read again: their last value is known, and the history begins with a write of it. Only keys without an unknown outcome
 * are taken for that, because such an operation may still take effect later.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckVerdict, History, HistoryEvent } from '@understudy/testkit';
import { PROGRAM } from '../cli/command.ts';

export interface Checked {
  readonly file: string;
  readonly verdict: CheckVerdict;
  /** Why not. */
  readonly explanation: string;
}

/** Keys without operations of unknown outcome, with what they held when nothing was under way. */
export function settledIn({ events }: History, values: ReadonlyMap<string, string | null>): Map<string, string | null> {
  const unsettled = new Set(events.filter((event) => event.return === null).map(({ key }) => key));
  return new Map([...values].filter(([key]) => !unsettled.has(key)));
}

/** Before everything else in the history, the keys had these values. */
export function beginningWith(values: ReadonlyMap<string, string | null>): HistoryEvent[] {
  return [...values].flatMap(([key, value]) =>
    value === null ? [] : [{ client: 'earlier', op: 'put', key, value, call: -2, return: -1 } as const],
  );
}

export async function checkHistory(directory: string, name: string, history: History): Promise<Checked> {
  const file = join(directory, `${name}.history.json`);
  writeFileSync(file, JSON.stringify(history));
  // With the least priority: it must not slow down what is under siege.
  const checker = spawn('nice', ['-n', '15', process.execPath, ...PROGRAM, 'check', file, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  checker.stdout.on('data', (text) => {
    stdout += String(text);
  });
  checker.stderr.on('data', (text) => {
    stderr += String(text);
  });
  const [code] = (await once(checker, 'close')) as [number | null];
  if (stdout === '') throw new Error(`understudy check ended with ${code}: ${stderr}`);
  const { verdict, violation, undecided } = JSON.parse(stdout) as {
    readonly verdict: CheckVerdict;
    readonly violation?: { readonly text: string };
    readonly undecided: readonly string[];
  };
  return { file, verdict, explanation: violation?.text ?? undecided.join(', ') };
}
