/** The text of `help`. */
import { OPERATIONS } from '../operations/all.ts';
import { type Operation, synopsis } from '../operations/operation.ts';
import { OWN_COMMANDS } from './request.ts';

/** @param topic A command. All commands if absent. */
export function help(topic: string | undefined, columns: number): string {
  if (topic === undefined) return overview(Math.min(columns, WIDEST));
  const operation = OPERATIONS.find(({ name }) => name === topic);
  if (operation !== undefined) return detail(operation);
  return OWN_COMMANDS.filter(({ name }) => name === topic)
    .map((it) => `${it.synopsis}\n  ${it.does}`)
    .join('');
}

/** Columns. Longer lines are hard to read. */
const WIDEST = 100;

function overview(columns: number): string {
  const rows = [
    ...OPERATIONS.map((it) => ({ synopsis: synopsis(it), does: it.description })),
    ...OWN_COMMANDS.map((it) => ({ synopsis: it.synopsis, does: it.does })),
  ];
  const width = Math.max(...rows.map((row) => row.synopsis.length));
  const lines = rows.map((row) => folded(`${row.synopsis.padEnd(width)}  `, row.does, columns));
  return `${lines.join('\n')}\n\n${folded('', WORDS, columns)}`;
}

const WORDS = `A value with blanks goes in quotes: put greeting "good morning". Between double quotes there are \\n, \\t, \\" and the \
other escapes of JSON, between single quotes nothing is special. A line that begins with # is a comment.`;

/** The text after its heading. Further lines are indented below it. */
function folded(heading: string, text: string, columns: number): string {
  const lines: string[] = [];
  let line = heading;
  for (const word of text.split(' ')) {
    const isFull = line.length + word.length > columns && line.trim() !== '';
    if (isFull) lines.push(line.trimEnd());
    line = `${isFull ? ' '.repeat(heading.length) : line}${word} `;
  }
  return [...lines, line.trimEnd()].join('\n');
}

function detail(operation: Operation): string {
  const { parameters, options, examples } = operation;
  const optional = parameters.flatMap(({ name, whenLeftOut }) =>
    whenLeftOut === undefined ? [] : [`  ${name}: ${whenLeftOut}`],
  );
  const flags = options.map(({ name, value, description }) => `  --${name} ${value}: ${description}`);
  const lines = examples.map(({ purpose, words }) => `  ${purpose}  ${words}`);
  return [synopsis(operation), `  ${operation.description}`, ...optional, ...flags, ...lines].join('\n');
}
