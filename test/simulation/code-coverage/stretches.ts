/**
 * Turns characters that never ran into stretches of source: a file, the code of the first line, and how many lines.
 *
 * A stretch is known by its code and not by its line, so that a change elsewhere in the file does not make it another
 * stretch. Brackets, semicolons and comments have no meaning of their own: they neither make a stretch nor divide one.
 */
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

export interface Stretch {
  /** First line, counted from 1. */
  readonly line: number;
  /** From the first line that has code which never ran to the last one. */
  readonly lines: number;
  /** The first line's text, without space around it. */
  readonly code: string;
}

/** Stretches of one compiled script (file URL) that never ran, in the order of its source. */
export function unreachedIn(script: string, reached: Uint8Array): readonly Stretch[] {
  const compiled = readFileSync(fileURLToPath(script), 'utf8');
  const map = new SourceMap(JSON.parse(readFileSync(fileURLToPath(`${script}.map`), 'utf8')));
  const source = readFileSync(fileURLToPath(new URL(map.payload.sources[0] ?? '', script)), 'utf8').split('\n');
  const lastByFirst = new Map<number, number>();
  for (const [start, end] of runsIn(compiled, reached)) {
    const [first, last] = [sourceLineAt(start, compiled, map), sourceLineAt(end - 1, compiled, map)];
    if (first !== undefined) lastByFirst.set(first, Math.max(lastByFirst.get(first) ?? first, last ?? first));
  }
  return [...lastByFirst]
    .toSorted(([one], [other]) => one - other)
    .map(([first, last]) => ({ line: first + 1, lines: last - first + 1, code: (source[first] ?? '').trim() }));
}

/** From the first to the last word of each run of characters that did not run. */
function runsIn(text: string, reached: Uint8Array): readonly (readonly [start: number, end: number])[] {
  const bare = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, (comment) => ' '.repeat(comment.length));
  const runs: [number, number][] = [];
  for (let at = reached.indexOf(0); at >= 0; at = reached.indexOf(0, at)) {
    const next = reached.indexOf(1, at);
    const end = next < 0 ? reached.length : next;
    const code = bare.slice(at, end);
    if (/\w/.test(code)) runs.push([at + code.search(/\w/), at + code.trimEnd().length]);
    at = end;
  }
  return runs;
}

/** Counted from 0; undefined for what the compiler added. */
function sourceLineAt(offset: number, text: string, map: SourceMap): number | undefined {
  const before = text.slice(0, offset);
  const entry = map.findEntry(before.split('\n').length - 1, offset - (before.lastIndexOf('\n') + 1));
  return 'originalLine' in entry ? entry.originalLine : undefined;
}
