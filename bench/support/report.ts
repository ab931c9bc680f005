/** Numbers for people: tables, medians, units; and for programs: a file. */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

export function printTable(rows: readonly (readonly (string | number)[])[]): void {
  const cells = rows.map((row) => row.map(String));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  for (const row of cells) console.log(row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  '));
}

/** `fraction` 0.5 is the median, 1 the maximum. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(fraction * sorted.length) - 1)] ?? Number.NaN;
}

export function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 0)} ms`;
}

export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

/** Where `--json` names a file. */
export function writeJson(file: string | undefined, value: object): void {
  if (file !== undefined) writeFileSync(file, `${JSON.stringify(value, null, 1)}\n`);
}

/** What the figures come from. */
export function machine(): string {
  const [{ model } = { model: 'unknown processor' }, ...others] = cpus();
  return `Node ${process.version}, ${1 + others.length} x ${model}`;
}

/** Median, and behind it the least and the greatest. */
export function spread(values: readonly number[], show: (value: number) => string): string {
  if (values.length === 0) return '-';
  return `${show(quantile(values, 0.5))} (${show(Math.min(...values))} - ${show(Math.max(...values))})`;
}
