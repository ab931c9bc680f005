/**
 * Tasks in the key/value service. Every step is one compare-and-set, which the service does at most once; so whatever dies, and however
 * often somebody repeats a request, a change is made once and never over one that its author has not seen.
 *
 *   task/ID       one task, or that it was deleted
 *   request/KEY   the task that the POST with this Idempotency-Key asked for; written once
 *
 * Whoever reaches the service may write under these keys too. So what is read is checked, and a cell that holds anything else is never shown,
 * changed or swept: a list goes on without it, and a request for it is refused.
 */
import type { KVClient } from '@understudy/kvservice';
import { Problem } from './problem.ts';
import { type Change, type Draft, hasAllOf, isTask, newId, type Task } from './task.ts';

/** Idempotency keys and deletions are remembered for a day. */
const REMEMBERED_MS = 24 * 60 * 60 * 1_000;

/** A deletion leaves a mark, so that a POST that arrives once more does not bring the task back. */
type Cell =
  | { readonly kind: 'task'; readonly task: Task }
  | { readonly kind: 'deleted'; readonly version: number; readonly deletedAt: string };

export class TaskStore {
  readonly #kv: KVClient;

  constructor(kv: KVClient) {
    this.#kv = kv;
  }

  /** In the order in which they were made, at most `limit` of those after the given id. */
  async list(limit: number, after = ''): Promise<{ readonly tasks: readonly Task[]; readonly more: boolean }> {
    const tasks: Task[] = [];
    const start = after === '' ? '' : `${taskKey(after)}\0`;
    for await (const { key, value } of this.#kv.scan({ prefix: taskKey(''), start })) {
      const cell = readCell(key, value);
      if (cell === undefined || cell.kind === 'deleted') continue;
      if (tasks.length === limit) return { tasks, more: true };
      tasks.push(cell.task);
    }
    return { tasks, more: false };
  }

  async get(id: string): Promise<Task> {
    const { cell } = await this.#cell(id);
    if (cell.kind === 'deleted') throw deletedProblem(id);
    return cell.task;
  }

  /** With the key of an earlier call: the task that it made, as it is now. The same whatever became of that call. */
  async create(draft: Draft, idempotencyKey?: string): Promise<{ readonly task: Task; readonly isNew: boolean }> {
    const task = idempotencyKey === undefined ? newTask(draft) : await this.#requested(draft, idempotencyKey);
    const isNew = await this.#kv.cas(taskKey(task.id), null, write({ kind: 'task', task }));
    return isNew ? { task, isNew } : { task: await this.get(task.id), isNew };
  }

  /** `seen`: the version that the change is meant for; any, where it is left out. */
  async update(id: string, change: Change, seen?: number): Promise<Task> {
    for (;;) {
      const { cell, text } = await this.#cell(id);
      if (cell.kind === 'deleted') throw deletedProblem(id);
      const { task } = cell;
      // What is there already is not done again: this may be the second try of a request whose answer was lost.
      const isRepeated = seen === undefined || task.version === seen || task.version === seen + 1;
      if (isRepeated && hasAllOf(task, change)) return task;
      if (seen !== undefined && task.version !== seen) throw changedProblem(task);
      const next = { ...task, ...change, version: task.version + 1, changedAt: now() };
      if (await this.#kv.cas(taskKey(id), text, write({ kind: 'task', task: next }))) return next;
    }
  }

  /** Deleting what is deleted changes nothing. */
  async remove(id: string, seen?: number): Promise<void> {
    for (;;) {
      const { cell, text } = await this.#cell(id);
      if (cell.kind === 'deleted') return;
      if (seen !== undefined && cell.task.version !== seen) throw changedProblem(cell.task);
      const mark: Cell = { kind: 'deleted', version: cell.task.version + 1, deletedAt: now() };
      if (await this.#kv.cas(taskKey(id), text, write(mark))) return;
    }
  }

  /** Forgets what is older than a day: requests first, for they could make anew what no mark holds back any more. */
  async sweep(): Promise<void> {
    const before = new Date(Date.now() - REMEMBERED_MS).toISOString();
    for await (const { key, value } of this.#kv.scan({ prefix: requestKey('') })) {
      const task = readTask(value);
      if (task !== undefined && task.createdAt < before) await this.#kv.cas(key, value, null);
    }
    for await (const { key, value } of this.#kv.scan({ prefix: taskKey('') })) {
      const cell = readCell(key, value);
      if (cell?.kind === 'deleted' && cell.deletedAt < before) await this.#kv.cas(key, value, null);
    }
  }

  /** The task that the first request with this key asked for, whether or not it came to be. */
  async #requested(draft: Draft, idempotencyKey: string): Promise<Task> {
    const key = requestKey(idempotencyKey);
    for (;;) {
      const task = newTask(draft);
      if (await this.#kv.cas(key, null, write(task))) return task;
      const first = await this.#kv.get(key);
      if (first === undefined) continue; // swept between the two
      const asked = readTask(first);
      if (asked === undefined) throw overwrittenProblem('this Idempotency-Key', 'Idempotency-Key');
      if (hasAllOf(asked, draft)) return asked;
      throw new Problem(422, 'Idempotency-Key was used for another task', { field: 'Idempotency-Key' });
    }
  }

  async #cell(id: string): Promise<{ readonly cell: Cell; readonly text: string }> {
    const text = await this.#kv.get(taskKey(id));
    if (text === undefined) throw new Problem(404, `there is no task ${id}`);
    const cell = readCell(taskKey(id), text);
    if (cell === undefined) throw overwrittenProblem(`task ${id}`);
    return { cell, text };
  }
}

function taskKey(id: string): string {
  return `task/${id}`;
}

function requestKey(idempotencyKey: string): string {
  return `request/${idempotencyKey}`;
}

function newTask(draft: Draft): Task {
  const at = now();
  return { ...draft, id: newId(Date.parse(at)), version: 1, createdAt: at, changedAt: at };
}

function deletedProblem(id: string): Problem {
  return new Problem(410, `task ${id} was deleted`);
}

function changedProblem(task: Task): Problem {
  return new Problem(412, `the task was changed meanwhile: it is at version ${task.version}`, { task });
}

function overwrittenProblem(what: string, field?: string): Problem {
  const message = `what is stored for ${what} was not written by a task board; it was left as it is`;
  return new Problem(409, message, field === undefined ? {} : { field });
}

function now(): string {
  return new Date().toISOString();
}

function write(value: Cell | Task): string {
  return JSON.stringify(value);
}

/** Undefined: something else has written this cell. */
function readCell(key: string, text: string): Cell | undefined {
  const cell = parsed(text) as Partial<Record<string, unknown>> | null | undefined;
  if (cell?.kind === 'task')
    return isTask(cell.task) && key === taskKey(cell.task.id) ? { kind: 'task', task: cell.task } : undefined;
  if (cell?.kind !== 'deleted' || !Number.isSafeInteger(cell.version) || typeof cell.deletedAt !== 'string')
    return undefined;
  return { kind: 'deleted', version: Number(cell.version), deletedAt: cell.deletedAt };
}

/** Undefined: something else has written this cell. */
function readTask(text: string): Task | undefined {
  const task = parsed(text);
  return isTask(task) ? task : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
