/** Long histories for the checker: what clients of a linearizable service would have seen, and the same with one thing wrong. */
import { fnv1a32 } from '@understudy/kvservice';
import { type History, type HistoryEvent, type OperationName, type Scalar, SeededRandom } from '@understudy/testkit';

export interface HistoryShape {
  readonly seed: number;
  readonly operations: number;
  readonly keys: number;
  readonly clients: number;
  /** Fraction of the operations whose outcome nobody knows; half of these took effect, sooner or later. */
  readonly unknown: number;
  readonly mix: Mix;
  /** A value of its own for each write; or one of so many. */
  readonly values: 'unique' | number;
}

export type Mix = Readonly<Partial<Record<OperationName, number>>>;

interface Draft {
  readonly event: HistoryEvent;
  /** When it takes effect; Infinity: never. */
  readonly point: number;
}

export function longHistory(shape: HistoryShape): History {
  const random = new SeededRandom(shape.seed);
  const drafts = clientLives(shape, random).sort((one, other) => one.point - other.point);
  const state = new Map<string, Scalar>();
  const events = drafts.map(({ event, point }) =>
    point === Number.POSITIVE_INFINITY ? event : answered(event, state),
  );
  return { events: events.sort((one, other) => one.call - other.call) };
}

/** The same history, in which the read at `fraction` of it saw what the key held `back` distinct values before. */
export function withStaleRead({ events }: History, fraction: number, back: number): History {
  for (let at = Math.floor(events.length * fraction); at < events.length; at++) {
    const event = events[at];
    if (event?.op !== 'get' || typeof event.return !== 'number') continue;
    const seen = events
      .slice(0, at)
      .filter(
        ({ op, key, return: end }) => op === 'get' && key === event.key && typeof end === 'number' && end < event.call,
      )
      .map(({ output }) => output as Scalar);
    const other = [...new Set(seen)].filter((value) => value !== event.output).at(-back);
    if (other !== undefined) return { events: events.with(at, { ...event, output: other }) };
  }
  throw new Error('no read follows that could be stale');
}

function clientLives({ operations, keys, clients, unknown, mix, values }: HistoryShape, random: SeededRandom): Draft[] {
  const names = Object.entries(mix).flatMap(([name, weight]) =>
    Array<OperationName>(weight).fill(name as OperationName),
  );
  const free = Array.from({ length: clients }, () => random.number());
  return Array.from({ length: operations }, (_, index) => {
    const client = free.indexOf(Math.min(...free));
    const call = free[client] ?? 0;
    const end = call + random.exponential(1) + 0.01;
    free[client] = end + random.exponential(0.1);
    const op = random.pick(names);
    const value = () => (values === 'unique' ? `${index};` : `${random.integer(1, values)};`);
    const event = { client, call, op, key: `k${random.integer(1, keys)}`, ...argument(op, value) };
    if (!random.chance(unknown))
      return { event: { ...event, return: end }, point: call + random.number() * (end - call) };
    const point = random.chance(0.5) ? call + random.exponential(3) : Number.POSITIVE_INFINITY;
    return { event: { ...event, return: null }, point };
  });
}

function argument(op: OperationName, value: () => string): Pick<HistoryEvent, 'value'> {
  if (op === 'get' || op === 'delete') return {};
  return { value: op === 'cas' ? [null, value()] : value() };
}

/** A cas expects, every other time, what is there. */
function answered(event: HistoryEvent, state: Map<string, Scalar>): HistoryEvent {
  const key = event.key ?? '';
  const before = state.get(key) ?? null;
  switch (event.op) {
    case 'get':
      return { ...event, output: before };
    case 'put':
      state.set(key, event.value as Scalar);
      return event;
    case 'append':
      state.set(key, String(before ?? '') + String(event.value));
      return event;
    case 'delete':
      state.delete(key);
      return { ...event, output: before !== null };
    case 'cas': {
      const [, value] = event.value as readonly [Scalar, Scalar];
      const expected = Math.floor(event.call * 1e6) % 2 === 0 ? before : 'other';
      if (expected === before) state.set(key, value);
      return { ...event, value: [expected, value], output: expected === before };
    }
    case 'putHash':
      state.set(key, String(fnv1a32(String(before ?? '') + String(event.value))));
      return { ...event, output: String(before ?? '') };
  }
}
