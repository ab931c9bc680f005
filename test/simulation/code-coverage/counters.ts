/**
 * Reads V8's own counters: which characters of a script ran in at least one process.
 *
 * V8 writes one file for each process (NODE_V8_COVERAGE). A file holds functions, and a function holds nested ranges
 * with counts: an inner range overrides the outer one. A range of one process says nothing about another process, so
 * characters are united, not ranges.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

interface ScriptCoverage {
  readonly url: string;
  readonly functions: readonly { readonly ranges: readonly Range[] }[];
}

/** For each script (file URL) that `concerns`: one byte a character, 1 where it ran. */
export function reachedIn(directory: string, concerns: (url: string) => boolean): ReadonlyMap<string, Uint8Array> {
  const reached = new Map<string, Uint8Array>();
  for (const file of readdirSync(directory)) {
    const { result } = JSON.parse(readFileSync(join(directory, file), 'utf8')) as { result: readonly ScriptCoverage[] };
    for (const script of result) {
      if (concerns(script.url)) reached.set(script.url, united(reached.get(script.url), charactersOf(script)));
    }
  }
  return reached;
}

function charactersOf({ functions }: ScriptCoverage): Uint8Array {
  const ranges = functions.flatMap((each) => each.ranges);
  const ran = new Uint8Array(Math.max(0, ...ranges.map(({ endOffset }) => endOffset)));
  // Outer ranges first, so that inner ones override them.
  for (const { startOffset, endOffset, count } of ranges.toSorted(outerFirst)) {
    ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  }
  return ran;
}

function outerFirst(one: Range, other: Range): number {
  return one.startOffset - other.startOffset || other.endOffset - one.endOffset;
}

function united(one: Uint8Array | undefined, other: Uint8Array): Uint8Array {
  return one === undefined ? other : other.map((ran, at) => ran | (one[at] ?? 0));
}
