/** What docs/ERRORS.md says, read from its tables. */
import { readFileSync } from 'node:fs';

const DOC = readFileSync(new URL('../../../docs/ERRORS.md', import.meta.url), 'utf8');

export interface DocumentedFailure {
  readonly code: number;
  readonly definite: boolean;
}

export interface DocumentedOutcome {
  readonly tcp: string;
  readonly http: string;
}

/** By name, from the tables of failures. */
export function documentedFailures(): Map<string, DocumentedFailure> {
  const rows = [...rowsUnder('## Failures of a server'), ...rowsUnder('## Failures of the library')];
  return new Map(
    rows.map(([name = '', code, definite = '']) => [
      name.replaceAll('`', ''),
      { code: Number(code), definite: definite.startsWith('yes') },
    ]),
  );
}

/** The HTTP status of each failure, as the table of plain HTTP says. */
export function documentedStatuses(): Record<string, number> {
  const rows = rowsUnder('## Plain HTTP').flatMap(([status, failures = '']) =>
    [...failures.replace(/of a path `\w+`/, '').matchAll(/`(\w+)`/g)].map(([, name = '']) => [name, Number(status)]),
  );
  return Object.fromEntries(rows) as Record<string, number>;
}

/** By the name of the input, from the table of bad input. */
export function documentedOutcomes(): Map<string, DocumentedOutcome> {
  return new Map(rowsUnder('## Bad input').map(([name = '', tcp = '', http = '']) => [name, { tcp, http }]));
}

/** The rows of the first table under a heading, as cells. */
function rowsUnder(heading: string): string[][] {
  const section = DOC.split(`\n${heading}`)[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(1).map((row) =>
    row
      .slice(2, -2)
      .split(' | ')
      .map((cell) => cell.trim()),
  );
}
