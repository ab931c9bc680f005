/** What `help` says. */
import { OPERATIONS } from '../operations/all.ts';
import { type Operation, synopsis } from '../operations/operation.ts';
import { OWN_COMMANDS } from './request.ts';

/** @param topic A command; all, when left out. */
export function help(topic?: string): string {
  if (topic === undefined) return overview();
  const operation = OPERATIONS.find(({ name }) => name === topic);
  if (operation !== undefined) return detail(operation);
  return OWN_COMMANDS.filter(({ name }) => name === topic)
    .map((it) => `${it.synopsis}\n  ${it.does}`)
    .join('');
}

function overview(): string {
  const rows = [
    ...OPERATIONS.map((it) => ({ synopsis: synopsis(it), does: it.description })),
    ...OWN_COMMANDS.map((it) => ({ synopsis: it.synopsis, does: it.does })),
  ];
  const width = Math.max(...rows.map((row) => row.synopsis.length));
  return `${rows.map((row) => `${row.synopsis.padEnd(width)}  ${row.does}`).join('\n')}

${WORDS}`;
}

const WORDS = `A value with blanks goes in quotes: put greeting "good morning". Between double quotes there are \\n, \\t, \\" and the
other escapes of JSON, between single quotes nothing is special. A line that begins with # is a comment.`;

function detail(operation: Operation): string {
  const { parameters, options, examples } = operation;
  const optional = parameters.flatMap(({ name, whenLeftOut }) =>
    whenLeftOut === undefined ? [] : [`  ${name}: ${whenLeftOut}`],
  );
  const flags = options.map(({ name, value, description }) => `  --${name} ${value}: ${description}`);
  const lines = examples.map(({ purpose, words }) => `  ${purpose}  ${words}`);
  return [synopsis(operation), `  ${operation.description}`, ...optional, ...flags, ...lines].join('\n');
}
