/** Checks one line of a trace file field by field. An error names the field. */
import { TRACE_FORMAT, type TraceEvent } from '@understudy/testkit';

/** The error, such as `at: expected a number`. */
export class WrongLine extends Error {}

type Check = readonly [expected: string, holds: (value: unknown) => boolean];

const text: Check = ['a text', (value) => typeof value === 'string'];
const number: Check = ['a number', (value) => typeof value === 'number' && Number.isFinite(value)];
const count: Check = ['a whole number of 0 or more', (value) => Number.isSafeInteger(value) && Number(value) >= 0];
const flag: Check = ['true or false', (value) => typeof value === 'boolean'];
const texts: Check = [
  'a list of texts',
  (value) => Array.isArray(value) && value.every((it) => typeof it === 'string'),
];
const list: Check = ['a list', Array.isArray];
const object: Check = ['an object', isObject];
const seed: Check = ['a number or a text', (value) => text[1](value) || number[1](value)];
const oneOf = (...words: readonly string[]): Check => [
  words.map((word) => `"${word}"`).join(' or '),
  (value) => typeof value === 'string' && words.includes(value),
];
const addresses: Check = ['an object of texts', (value) => isObject(value) && Object.values(value).every(text[1])];
const view: Check = [
  'an object with viewnum, primary, backups and syncing',
  (value) =>
    isObject(value) &&
    count[1](value.viewnum) &&
    text[1](value.primary) &&
    texts[1](value.backups) &&
    texts[1](value.syncing),
];
const format: Check = [`${TRACE_FORMAT}, the format that this version plays`, (value) => value === TRACE_FORMAT];

const MESSAGE = { message: oneOf('request', 'reply'), call: count, from: text, to: text, method: text };

/** The fields that each kind must have. A line may have more. */
const SHAPES: Readonly<Record<TraceEvent['kind'], Readonly<Record<string, Check>>>> = {
  start: {
    format,
    seed,
    seconds: number,
    faultyMs: number,
    monitor: text,
    servers: texts,
    clients: texts,
    addresses,
    faults: list,
    backups: count,
    disk: flag,
    leaseMs: number,
  },
  sent: { ...MESSAGE, text },
  received: { ...MESSAGE, reason: text },
  held: { ...MESSAGE, reason: text },
  lost: { ...MESSAGE, reason: text },
  view: { view, causes: list },
  acknowledged: { viewnum: count },
  process: { name: text, state: oneOf('started', 'leaving', 'ended', 'paused', 'resumed') },
  link: { from: text, to: text, state: oneOf('open', 'cut', 'clogged') },
  role: { server: text, role: oneOf('idle', 'primary', 'backup'), viewnum: count },
  commit: { server: text, index: count, last: count },
  log: { server: text, what: oneOf('cut', 'installed'), from: count, to: count },
  notice: { name: text, notice: object },
  operation: { client: text, op: text, key: text, began: number, outcome: text },
  fault: { strike: count, fault: text, what: text, who: texts },
  'fault-over': { strike: count },
  healed: {},
  violation: { property: text, rules: text, message: text, where: text },
  end: { violations: count, halted: text, digest: text },
};

/** The names of the fields of each kind of event, besides `at` and `kind`. */
export function fieldsOfKinds(): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(Object.entries(SHAPES).map(([kind, shape]) => [kind, Object.keys(shape)]));
}

/** Throws WrongLine. */
export function parseLine(line: string): TraceEvent {
  const value = parseJson(line);
  if (!isObject(value)) throw new WrongLine('not an object');
  const shape = typeof value.kind === 'string' && Object.hasOwn(SHAPES, value.kind) ? SHAPES[kindOf(value)] : undefined;
  if (shape === undefined)
    throw new WrongLine(`kind: ${shown(value.kind)} is none of ${Object.keys(SHAPES).join(', ')}`);
  for (const [field, [expected, holds]] of [['at', number] as const, ...Object.entries(shape)]) {
    if (!holds(value[field])) throw new WrongLine(`${field}: expected ${expected}, not ${shown(value[field])}`);
  }
  return value as unknown as TraceEvent;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new WrongLine('not JSON');
  }
}

function kindOf(value: Readonly<Record<string, unknown>>): TraceEvent['kind'] {
  return value.kind as TraceEvent['kind'];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An error repeats at most this many characters of the wrong value. */
const MOST_SHOWN = 60;

function shown(value: unknown): string {
  const written = value === undefined ? 'nothing' : JSON.stringify(value);
  return written.length > MOST_SHOWN ? `${written.slice(0, MOST_SHOWN)}...` : written;
}
