/** Small random histories, about half of them linearizable. */
import { type History, type HistoryEvent, type OperationName, type Scalar, SeededRandom } from '@understudy/testkit';
import { fnv1a } from '../../lab/suites/hash.ts';

const OPERATIONS: readonly OperationName[] = ['get', 'get', 'put', 'append', 'delete', 'cas', 'cas', 'putHash'];

/** What each does at a random moment of its interval gives its output; then some outputs and times are tampered with. */
export function randomHistory(seed: number): History {
  return new Generator(new SeededRandom(seed), OPERATIONS).history();
}

/** The same, mostly of `putHash`, which follow on each other: many of them with an outcome that nobody knows. */
export function randomHashes(seed: number): History {
  return new Generator(new SeededRandom(seed), HASHES, [0.2, 0.3, 0.5]).history();
}

const HASHES: readonly OperationName[] = [
  'get',
  'get',
  'put',
  'append',
  'cas',
  'delete',
  'putHash',
  'putHash',
  'putHash',
  'putHash',
];

interface Draft {
  readonly event: HistoryEvent;
  readonly point: number;
}

class Generator {
  readonly #random: SeededRandom;
  readonly #operations: readonly OperationName[];
  /** Of operations of unknown outcome. */
  readonly #fractions: readonly number[];
  #values: Scalar[] = [];
  #init: Scalar = null;
  #unknown = 0;

  constructor(random: SeededRandom, operations: readonly OperationName[], unknown = [0, 0.1, 0.3, 0.5]) {
    this.#random = random;
    this.#operations = operations;
    this.#fractions = unknown;
  }

  history(): History {
    this.#values = this.#random.pick([
      ['a', 'b'],
      ['a', 'b', 'c', ''],
      ['1', 'a', 'aa'],
      ['a', 'b', 'ab', 'ba'],
    ]);
    this.#init = this.#random.chance(0.25) ? this.#random.pick(['', 'a', '0']) : null;
    this.#unknown = this.#random.pick(this.#fractions);
    const isRegister = this.#random.chance(0.2);
    const keys = isRegister ? [undefined] : this.#random.pick([['x'], ['x'], ['x', 'y']]);
    const length = 2 + this.#below(6);
    const span = this.#random.pick([4, 10, 30]);
    const drafts = Array.from({ length }, () => this.#draft(this.#random.pick(keys), span));
    drafts.sort((one, other) => one.point - other.point);
    const states = new Map<string | undefined, { value: Scalar; present: boolean }>();
    const events = drafts.map((draft) => this.#play(draft, states));
    for (let times = this.#below(4); times > 0; times--) this.#tamper(events);
    return { model: isRegister ? 'register' : 'kv', init: this.#init, events };
  }

  #draft(key: string | undefined, span: number): Draft {
    const point = this.#below(span) + 0.5;
    const call = Math.floor(point) - this.#below(3);
    const end = Math.ceil(point) + this.#below(3);
    const op = this.#random.pick(this.#operations);
    const value =
      op === 'cas'
        ? { value: [this.#orNull(), this.#orNull()] as const }
        : op === 'get' || op === 'delete'
          ? {}
          : { value: this.#random.pick(this.#values) };
    const unknown = this.#random.chance(this.#unknown);
    const event = {
      client: this.#below(5),
      call,
      return: unknown ? this.#random.pick([null, 'Infinity', undefined] as const) : end,
      op,
      ...(key === undefined ? {} : { key }),
      ...value,
    };
    return { event, point };
  }

  /** Takes effect, unless nobody knows and chance will not have it. */
  #play({ event }: Draft, states: Map<string | undefined, { value: Scalar; present: boolean }>): HistoryEvent {
    if (typeof event.return !== 'number' && this.#random.chance(0.5)) return event;
    if (this.#random.chance(0.05)) return { ...event, fail: true };
    const before = states.get(event.key) ?? { value: this.#init, present: false };
    const text = before.value === null ? '' : String(before.value);
    const set = (value: Scalar) =>
      states.set(event.key, value === null ? { value: this.#init, present: false } : { value, present: true });
    const tell = (output: unknown): HistoryEvent => (this.#random.chance(0.1) ? event : { ...event, output });
    switch (event.op) {
      case 'get':
        return tell(before.value);
      case 'put':
        set(event.value as Scalar);
        return event;
      case 'append':
        set(text + String(event.value));
        return event;
      case 'delete':
        set(null);
        return tell(before.present);
      case 'putHash':
        set(fnv1a(text + String(event.value)));
        return tell(text);
      case 'cas': {
        const [expected, value] = event.value as readonly [Scalar, Scalar];
        const matches = expected === null ? !before.present : before.value === expected;
        if (matches) set(value);
        return tell(matches);
      }
    }
  }

  #tamper(events: HistoryEvent[]): void {
    const at = this.#below(events.length);
    const event = events[at];
    if (event === undefined || typeof event.return !== 'number') return;
    const outputs = events.flatMap(({ op, output }) => (op === 'get' && output !== undefined ? [output] : []));
    if (event.op === 'get')
      events[at] = { ...event, output: this.#random.pick([...this.#values, ...outputs, null, 'zz']) };
    else if (event.op === 'cas' || event.op === 'delete') events[at] = { ...event, output: this.#random.chance(0.5) };
    else events[at] = { ...event, call: event.call + 3, return: event.return + 3 };
  }

  #orNull(): Scalar {
    return this.#random.chance(0.25) ? null : this.#random.pick(this.#values);
  }

  #below(limit: number): number {
    return this.#random.integer(0, limit - 1);
  }
}
