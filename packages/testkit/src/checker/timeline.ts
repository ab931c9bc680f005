/**
 * Draws a violation for people: one line per operation, with its interval as a bar, and what is impossible about it.
 */
import type { HistoryEvent, Scalar } from './history.ts';
import type { StretchEvent, Violation } from './violation.ts';

const MOST_COLUMNS = 60;
const MOST_LINES = 40;
const MOST_CHARACTERS = 48;
const MOST_VALUES = 5;

/** Time runs to the right. Columns are moments in order, not to scale. */
export function timeline(violation: Omit<Violation, 'text'>, init: Scalar): string {
  const { events, impossible } = violation;
  const shown = events.length > MOST_LINES ? [...events.slice(0, 2), ...events.slice(2 - MOST_LINES)] : events;
  const column = columns(shown);
  const rows = shown.map((event) => ({
    name: `[${event.index}]`,
    client: event.client === undefined || event.client === null ? '' : `client ${plainly(event.client)}`,
    what: inWords(event),
    bar: bar(column(event.call), column(Number(event.return))),
    when: `${moment(event.call)} to ${moment(Number(event.return))}${event.index === impossible ? '   <- impossible' : ''}`,
  }));
  const width = (field: 'name' | 'client' | 'what' | 'bar') => Math.max(...rows.map((row) => row[field].length));
  const [name, client, what, length] = [width('name'), width('client'), width('what'), width('bar')];
  const lines = rows.map((row) =>
    `  ${row.name.padStart(name)}  ${row.client.padEnd(client)}  ${row.what.padEnd(what)}  ${row.bar.padEnd(length)}  ${row.when}`.replace(
      / {2,}$/,
      '',
    ),
  );
  if (shown.length < events.length) lines.splice(2, 0, `  ... ${events.length - shown.length} more ...`);
  return [headline(violation, init), ...lines, ...conclusion(violation)].join('\n');
}

function headline({ key, events, from, minimal }: Omit<Violation, 'text'>, init: Scalar): string {
  const what =
    events.length === 1 ? 'this operation cannot be' : `these ${events.length} operations contradict each other`;
  const start = from === null ? `which is ${inShort(init)} at first` : `whatever it held at ${moment(from)}`;
  return `${key === '' ? 'the register' : `key ${inShort(key)}`}, ${start}: ${what}${minimal ? '' : ' (fewer may do)'}`;
}

function conclusion({ events, impossible, possible, from, others }: Omit<Violation, 'text'>): string[] {
  const event = events.find(({ index }) => index === impossible);
  const values = possible.slice(0, MOST_VALUES).map(inShort).join(' or ');
  // Of a true-or-false output, both values are known; of other outputs, only some.
  const more = typeof possible[0] === 'boolean' ? '' : ' (perhaps others)';
  const lines: string[] = [];
  if (event !== undefined && values !== '') {
    lines.push(`  [${impossible}] could have given ${values}${more}, but not ${inShort(event.output as Scalar)}`);
    lines.push(...difference(event.output as Scalar, possible[0] ?? null));
  }
  if (others > 0) {
    const which = others === 1 ? 'The one other operation' : `The ${others} other operations`;
    const over = from === null ? '' : `what had returned by ${moment(from)} is over, and `;
    lines.push(
      `  ${which} of the key until then cannot explain it: ${over}to let the rest take effect at any time after the call, or never, does not help`,
    );
  }
  return lines;
}

/** Shows where two values differ whose shortened forms look the same. */
function difference(output: Scalar, possible: Scalar): string[] {
  if (typeof output !== 'string' || typeof possible !== 'string' || inShort(output) !== inShort(possible)) return [];
  let at = 0;
  while (at < output.length && output[at] === possible[at]) at += 1;
  const from = Math.max(0, at - MOST_CHARACTERS / 4);
  const part = (text: string) => inShort(text.slice(from, from + MOST_CHARACTERS / 2));
  return [`  from character ${from} on it gave ${part(output)}, and could have given ${part(possible)}`];
}

/** A name as it is, anything else as JSON: a client's name in a history may contain terminal control characters. */
function plainly(client: unknown): string {
  return typeof client === 'number' || (typeof client === 'string' && /^[\w.:@/-]+$/.test(client))
    ? String(client)
    : inShort(client as Scalar);
}

/** For example `cas "a" to "b" -> true`. */
function inWords({ op, value, output }: HistoryEvent): string {
  const argument = Array.isArray(value)
    ? ` ${value.map(inShort).join(' to ')}`
    : value === undefined || value === null
      ? ''
      : ` ${inShort(value as Scalar)}`;
  const answer = output === undefined || op === 'put' || op === 'append' ? '' : ` -> ${inShort(output as Scalar)}`;
  return `${op}${op === 'get' || op === 'delete' ? '' : argument}${answer}`;
}

/** JSON. The middle of a long value is left out. */
function inShort(value: Scalar): string {
  const text = value === null ? 'absent' : JSON.stringify(value);
  if (text.length <= MOST_CHARACTERS) return text;
  const half = (MOST_CHARACTERS - 3) >> 1;
  return `${text.slice(0, half)}...${text.slice(-half)}`;
}

function moment(time: number): string {
  return String(Number(time.toFixed(3)));
}

function bar(from: number, to: number): string {
  const inside = to - from - 1;
  return `${' '.repeat(from)}${inside < 0 ? '|' : `|${'-'.repeat(inside)}|`}`;
}

/** Two columns per moment, or fewer if there are many moments. */
function columns(events: readonly StretchEvent[]): (time: number) => number {
  const times = [...new Set(events.flatMap((event) => [event.call, Number(event.return)]))].sort(
    (one, other) => one - other,
  );
  const scale = Math.min(2, MOST_COLUMNS / times.length);
  const places = new Map(times.map((time, at) => [time, Math.floor(at * scale)]));
  return (time) => places.get(time) ?? 0;
}
