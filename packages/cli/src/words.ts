/** Numbers and lists as people read them in a terminal. */

/** The most columns in a line of a report. */
const WIDTH = 100;

/** For example 1,234,567. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** For example "1 seed" and "2 seeds". */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** For example "0.8 s", "4 min 10 s" and "8 h 20 min". */
export function span(ms: number): string {
  if (ms < 99_950) return `${(ms / 1_000).toFixed(ms < 9_950 ? 1 : 0)} s`;
  const seconds = Math.round(ms / 1_000);
  const minutes = Math.round(ms / 60_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** For example "126 times real time". */
export function factor(virtualMs: number, realMs: number): string {
  const times = virtualMs / Math.max(1, realMs);
  return `${times.toFixed(times < 10 ? 1 : 0)} times real time`;
}

/** The items separated by commas, after a heading. Further lines are indented below it. */
export function wrapped(heading: string, items: readonly string[]): string {
  const indent = ' '.repeat(heading.length);
  const lines: string[] = [];
  let line = heading;
  for (const [at, item] of items.entries()) {
    const piece = at === items.length - 1 ? item : `${item}, `;
    if (line.length + piece.trimEnd().length > WIDTH && line.length > indent.length) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += piece;
  }
  return [...lines, line].join('\n');
}
