/** What a task is, and what of it a request may set. */
import { randomUUID } from 'node:crypto';
import { wrongField } from './problem.ts';

export const STATUSES = ['todo', 'doing', 'done'] as const;
/** In characters (UTF-16 units, as the page's inputs count). */
export const MAX_TITLE = 200;
export const MAX_NOTE = 2_000;

export interface Draft {
  readonly title: string;
  readonly note: string;
  readonly status: (typeof STATUSES)[number];
}

/** What a change does not name stays as it is. */
export type Change = Partial<Draft>;

export interface Task extends Draft {
  /** Ids sort by the time at which the tasks were made. */
  readonly id: string;
  /** 1 for a new task, one more with each change: who changes a task says which version he saw. */
  readonly version: number;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly changedAt: string;
}

/** Time and chance; sorts by the time of `nowMs`, until the year 5188. */
export function newId(nowMs: number): string {
  return `${nowMs.toString(36).padStart(9, '0')}-${randomUUID().slice(-12)}`;
}

export function isId(text: string): boolean {
  return /^[0-9a-z]{9}-[0-9a-f]{12}$/.test(text);
}

/** Whether a value that was stored is one: every field is there, and has its type. */
export function isTask(value: unknown): value is Task {
  if (typeof value !== 'object' || value === null) return false;
  const { id, version, title, note, status, createdAt, changedAt } = value as Partial<Record<keyof Task, unknown>>;
  const areTexts = [title, note, createdAt, changedAt].every((text) => typeof text === 'string');
  const isKnown = STATUSES.some((known) => known === status);
  return typeof id === 'string' && isId(id) && Number.isSafeInteger(version) && areTexts && isKnown;
}

/** The body of a POST; throws a Problem that names the wrong field. */
export function readDraft(body: unknown): Draft {
  const { title, note = '', status = 'todo' } = readFields(body);
  if (title === undefined) throw wrongField('title', 'is missing');
  return { title, note, status };
}

/** The body of a PUT; throws a Problem that names the wrong field. */
export function readChange(body: unknown): Change {
  const change = readFields(body);
  if (Object.keys(change).length === 0) throw wrongField('body', `must name one of ${Object.keys(READERS).join(', ')}`);
  return change;
}

export function hasAllOf(task: Draft, change: Change): boolean {
  return Object.entries(change).every(([field, value]) => task[field as keyof Draft] === value);
}

const READERS = {
  title: (value: unknown) => readText('title', value, MAX_TITLE, /\p{Cc}/u),
  note: (value: unknown) => readText('note', value, MAX_NOTE, /(?![\n\t])\p{Cc}/u),
  status: readStatus,
} as const satisfies { readonly [Field in keyof Draft]: (value: unknown) => Draft[Field] };

function readFields(body: unknown): Change {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw wrongField('body', 'must be a JSON object');
  return Object.fromEntries(Object.entries(body).map(([field, value]) => [field, readerOf(field)(value)]));
}

function readerOf(field: string): (value: unknown) => string {
  if (Object.hasOwn(READERS, field)) return READERS[field as keyof Draft];
  throw wrongField(JSON.stringify(field), `is none of ${Object.keys(READERS).join(', ')}`);
}

function readText(field: 'title' | 'note', value: unknown, maxLength: number, forbidden: RegExp): string {
  if (typeof value !== 'string') throw wrongField(field, 'must be a text');
  const text = value.replaceAll('\r\n', '\n').trim();
  if (field === 'title' && text === '') throw wrongField(field, 'must not be empty');
  if (text.length > maxLength) throw wrongField(field, `must have at most ${maxLength} characters`);
  if (forbidden.test(text)) throw wrongField(field, 'must not contain control characters');
  return text;
}

function readStatus(value: unknown): Draft['status'] {
  const status = STATUSES.find((known) => known === value);
  if (status === undefined) throw wrongField('status', `must be one of ${STATUSES.join(', ')}`);
  return status;
}
