/** Prometheus' own checks of what we give it, by its program promtool. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from 'mocha';

export interface Checked {
  readonly code: number;
  readonly said: string;
}

/** For a `before`: skips where the program is not installed, and fails where it must be. */
export async function needsPromtool(context: Context): Promise<void> {
  if ((await checkMetrics('')) !== undefined) return;
  if (process.env.CI === 'true') throw new Error('promtool is not installed');
  context.skip();
}

/** What `promtool check metrics` says of such text; undefined where the program is not installed. */
export function checkMetrics(text: string): Promise<Checked | undefined> {
  return run(['check', 'metrics'], text);
}

/** What `promtool check rules` says of such a file. */
export async function checkRules(rules: object): Promise<Checked | undefined> {
  const directory = await mkdtemp(join(tmpdir(), 'understudy-rules-'));
  try {
    const file = join(directory, 'rules.json');
    await writeFile(file, JSON.stringify(rules));
    return await run(['check', 'rules', file], '');
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function run(args: readonly string[], input: string): Promise<Checked | undefined> {
  const program = spawn('promtool', args);
  program.stdin.on('error', () => {}); // it may end without reading
  const isThere = await once(program, 'spawn').then(
    () => true,
    () => false,
  );
  if (!isThere) return undefined;
  program.stdin.end(input);
  let said = '';
  for (const stream of [program.stdout, program.stderr]) {
    stream.on('data', (data) => {
      said += String(data);
    });
  }
  const [code] = (await once(program, 'close')) as [number];
  return { code, said };
}
