/** The report: how many seeds each bug needed, and what caught it. */
import type { PlantedBug } from './bug.ts';
import type { Hunt } from './hunter.ts';

export type Hunted = readonly (readonly [PlantedBug, Hunt])[];

export interface Summary {
  readonly median: number;
  readonly worst: number;
}

/** Of the seeds that were needed. */
export function summaryOf(hunted: Hunted): Summary {
  const seeds = hunted.map(([, { seeds }]) => seeds).sort((one, other) => one - other);
  return { median: seeds[Math.floor(seeds.length / 2)] ?? 0, worst: seeds.at(-1) ?? 0 };
}

export function reportOf(hunted: Hunted): string {
  const rows = hunted.map(([{ name, rule }, { found, seeds }]) => [
    name,
    rule,
    found === null ? `none in ${seeds}` : String(seeds),
    found === null ? 'NOT FOUND' : found.violation.property,
  ]);
  const table = [['planted bug', 'rule', 'seeds', 'caught by'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const { median, worst } = summaryOf(hunted);
  return [...lines, '', `Bugs: ${hunted.length}. Seeds needed: median ${median}, worst ${worst}`].join('\n');
}
