/** Records what clients request and what they are answered, as a history for the checker. */
import type { Writable } from '@understudy/rpc';
import type { History, HistoryEvent, OperationName } from '../checker/history.ts';

/** An operation under way. */
export interface Asked {
  readonly client: string;
  readonly op: OperationName;
  readonly key: string;
  readonly value: string | readonly [string | null, string | null] | undefined;
  readonly call: number;
}

/** The outcome of an operation. */
export type Told =
  | { readonly kind: 'output'; readonly output: string | boolean | null | undefined }
  /** It may or may not have taken effect. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'nothing' };

export interface RecorderParts {
  /** Virtual milliseconds. */
  readonly now: () => number;
  readonly onEnd: (asked: Asked, told: Told) => void;
  /** Called for a read of several keys. */
  readonly onSaw: (client: string, call: number, values: ReadonlyMap<string, string | null>) => void;
}

export class Recorder {
  readonly #events: HistoryEvent[] = [];
  readonly #open = new Set<Asked>();
  readonly #parts: RecorderParts;
  #last = 0;
  #begun = 0;
  #unknown = 0;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
  }

  /** The number of operations begun. */
  get begun(): number {
    return this.#begun;
  }

  /** The number of operations without an answer. */
  get underWay(): number {
    return this.#open.size;
  }

  /** The number of ended operations whose outcome is unknown. */
  get unknown(): number {
    return this.#unknown;
  }

  begin(asked: Omit<Asked, 'call'>): Asked {
    const { client, op, key, value } = asked;
    const open: Asked = { client, op, key, value, call: this.#tick() };
    this.#open.add(open);
    this.#begun += 1;
    return open;
  }

  end(asked: Asked, told: Told): void {
    if (!this.#open.delete(asked)) return;
    this.#parts.onEnd(asked, told);
    if (told.kind === 'nothing') return;
    if (told.kind === 'unknown') this.#unknown += 1;
    this.#events.push(eventOf(asked, told, told.kind === 'unknown' ? null : this.#tick()));
  }

  /** Records reads of several keys, each at some time between `call` and `end`. The default end is now. */
  saw(client: string, call: number, values: ReadonlyMap<string, string | null>, end = this.#tick()): void {
    this.#parts.onSaw(client, call, values);
    for (const [key, output] of values) this.#events.push({ client, op: 'get', key, output, call, return: end });
  }

  /** A moment after everything so far and before everything later, in virtual milliseconds. */
  moment(): number {
    return this.#tick();
  }

  /** Operations that are still under way get an unknown outcome. */
  history(): History {
    const open = [...this.#open].map((asked) => eventOf(asked, { kind: 'unknown' }, null));
    return { model: 'kv', init: null, events: [...this.#events, ...open] };
  }

  /** Events at the same virtual time still get an order: the order in which this process sees them. */
  #tick(): number {
    this.#last = Math.max(this.#parts.now(), this.#last + SMALLEST_MS);
    return this.#last;
  }
}

const SMALLEST_MS = 2 ** -20;

function eventOf({ client, op, key, value, call }: Asked, told: Told, end: number | null): HistoryEvent {
  const event: Writable<HistoryEvent> = { client, op, key, call, return: end };
  if (value !== undefined) event.value = value;
  if (told.kind === 'output' && told.output !== undefined) event.output = told.output;
  return event;
}
