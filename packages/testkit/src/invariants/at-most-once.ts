/** An operation of a session has one result, however often it is sent and to whichever server. */
import type { Invariant, ObservedStep } from './invariant.ts';
import { KeptJson } from './kept-json.ts';

export class AtMostOnce implements Invariant {
  readonly property = 'an operation takes effect at most once';
  readonly rules = 'S3, S4';
  readonly looksAt = 'talk';
  /** The operation that each request was for. */
  readonly #asked = new WeakMap<object, Asked>();
  readonly #results = new Map<string, Told>();
  /** Called when another run than the first answered a repeated operation. */
  readonly #onRepeated: () => void;

  constructor(onRepeated: () => void) {
    this.#onRepeated = onRepeated;
  }

  onReplica({ requests, answers, replica }: ObservedStep): string | undefined {
    for (const request of requests) this.#note(request);
    for (const { requester, result } of answers) {
      const asked = this.#asked.get(requester);
      if (asked === undefined) continue;
      const { operation, of } = asked;
      const known = this.#results.get(operation);
      if (known === undefined) {
        this.#results.set(operation, { result: new KeptJson(result), of, by: replica.incarnation });
      } else if (!known.of.isSameAs(of)) {
        return `operation ${operation} was ${known.of.text}, and its result was told for ${of.text}`;
      } else if (!known.result.isLike(result)) {
        return `operation ${operation} came to ${known.result.text}, and again to ${JSON.stringify(result)}`;
      } else if (known.by !== replica.incarnation) this.#onRepeated();
    }
    return undefined;
  }

  #note(request: Request): void {
    if (request.kind !== 'write' || request.origin === undefined || !isObject(request.requester)) return;
    const { origin, operation, requester } = request;
    this.#asked.set(requester, { operation: `${origin.session} ${origin.seq}`, of: new KeptJson(operation) });
  }
}

type Request = ObservedStep['requests'][number];

interface Asked {
  /** Session and seq. */
  readonly operation: string;
  /** The operation itself. */
  readonly of: KeptJson;
}

interface Told {
  readonly of: KeptJson;
  readonly result: KeptJson;
  /** The run that gave the result first. */
  readonly by: string;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
