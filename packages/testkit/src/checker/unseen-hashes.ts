/**
 * Finds values that matter although no operation observed them: one or more `putHash` operations of unknown outcome
 * turned them into an observed value. The search keeps these values apart. Without them it would have to keep every
 * value, and would try every order of the unknown operations.
 *
 * The result is a guess where to look, not a proof. A search that finds no order with these values reports that in
 * `refused`.
 */
import { wantedText } from './demand.ts';
import { hashChains, type Link } from './hash-chains.ts';
import { HASH } from './observed-values.ts';
import { type Action, hashed, type Operation, textOf } from './operation.ts';

/** `absent` is the text that an absent key reads as. The result includes the first and the last value of each row. */
export function unseenHashes(operations: readonly Operation[], absent: string): UnseenRows {
  const hashesUnknown = operations.some(({ action }) => action.kind === 'putHash' && action.output === undefined);
  return hashesUnknown ? new UnseenHashes(operations, absent).find() : new Map();
}

/** Values, and the operations that observed what they lead to. */
export type UnseenRows = ReadonlyMap<string, readonly Operation[]>;

class UnseenHashes {
  readonly #absent: string;
  readonly #byEnd: readonly Operation[];
  /** Operations that never return, the latest call first. */
  readonly #lasting: readonly Operation[];
  /** Operations by the value that they leave behind, and appends by the text that they append. */
  readonly #producers: ReadonlyMap<string, readonly Operation[]>;
  readonly #appends: ReadonlyMap<string, readonly Operation[]>;
  readonly #appendLengths: ReadonlySet<number>;
  /** Overwriting operations by end. `#latestCall` holds, for each, the latest call among it and all before it. */
  readonly #overwriters: readonly Operation[];
  readonly #latestCall: readonly number[];

  constructor(operations: readonly Operation[], absent: string) {
    this.#absent = absent;
    this.#byEnd = operations.filter(isKnown).sort((one, other) => one.end - other.end);
    this.#lasting = operations.filter((it) => !isKnown(it)).sort((one, other) => other.call - one.call);
    this.#producers = grouped(operations, ({ action }) => resultOf(action, absent));
    this.#appends = grouped(operations, ({ action }) => (action.kind === 'append' ? action.value : undefined));
    this.#appendLengths = new Set([...this.#appends.keys()].map(({ length }) => length));
    this.#overwriters = this.#byEnd.filter(({ action }) => overwrites(action));
    let latest = Number.NEGATIVE_INFINITY;
    this.#latestCall = this.#overwriters.map(({ call }) => (latest = Math.max(latest, call)));
  }

  find(): UnseenRows {
    const unseen = new Map<string, Operation[]>();
    const rows = new Map<string, readonly string[]>();
    for (const operation of this.#byEnd) {
      const since = this.#since(operation);
      for (const target of this.#origins(operation, since)) {
        if (!isHash(target)) continue;
        const question = `${target}/${since}`;
        const found = rows.get(question) ?? hashChains({ target, ...this.#around(operation, since) });
        rows.set(question, found);
        for (const text of new Set(found)) {
          const seekers = unseen.get(text);
          if (seekers === undefined) unseen.set(text, [operation]);
          else seekers.push(operation);
        }
      }
    }
    return unseen;
  }

  /**
   * The value that `operation` observed, and the texts that appends may have turned into it. Only those that nothing
   * but a `putHash` of unknown outcome can have produced.
   */
  #origins(operation: Operation, since: number): ReadonlySet<string> {
    const seen = wantedText(operation.action, this.#absent);
    const isNear = (it: Operation) => it.call <= operation.end && it.end >= since;
    const texts = new Set(seen === undefined ? [] : [seen]);
    const origins = new Set<string>();
    for (const text of texts) {
      if (this.#producers.get(text)?.some(isNear) === true) continue;
      const rests = this.#beforeAppends(text, isNear);
      if (rests.length === 0) origins.add(text);
      for (const rest of rests) texts.add(rest); // The loop reaches texts added here.
    }
    return origins;
  }

  /**
   * The earliest time at which the key can have held what `operation` observed: the latest call of an operation that
   * certainly overwrote the key before `operation` was called.
   */
  #since({ call }: Operation): number {
    let [from, to] = [0, this.#overwriters.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#overwriters[middle] as Operation).end < call) from = middle + 1;
      else to = middle;
    }
    return this.#latestCall[from - 1] ?? Number.NEGATIVE_INFINITY;
  }

  #beforeAppends(text: string, isNear: (operation: Operation) => boolean): readonly string[] {
    const lengths = [...this.#appendLengths].filter((length) => {
      if (length === 0 || length > text.length) return false;
      return this.#appends.get(text.slice(text.length - length))?.some(isNear) === true;
    });
    return lengths.map((length) => text.slice(0, text.length - length));
  }

  /** The starts and the links of rows that may lead to what `operation` observed, the likeliest first. */
  #around(
    operation: Operation,
    since: number,
  ): { readonly starts: readonly string[]; readonly links: readonly Link[] } {
    const isNear = (it: Operation) => it !== operation && it.call <= operation.end && it.end >= since;
    const known = this.#byEnd.filter(isNear).reverse();
    const lasting = this.#lasting.filter(isNear);
    const texts = (it: Operation) => [resultOf(it.action, this.#absent), wantedText(it.action, this.#absent)];
    const starts = [...known.flatMap(texts), this.#absent, ...lasting.flatMap(texts)];
    const links = [...known, ...lasting].map(({ action }) => linkOf(action));
    return {
      starts: [...new Set(starts.filter((text) => text !== undefined))],
      links: links.filter((link) => link !== undefined),
    };
  }
}

function isKnown({ end }: Operation): boolean {
  return end < Number.POSITIVE_INFINITY;
}

/** After this operation, the key holds a given value, whatever it held before. */
function overwrites(action: Action): boolean {
  return action.kind === 'put' || (action.kind === 'putHash' && action.output !== undefined);
}

/** The value that the operation leaves behind, if it is known. */
function resultOf(action: Action, absent: string): string | undefined {
  switch (action.kind) {
    case 'put':
    case 'cas':
      return action.value === null ? absent : textOf(action.value);
    case 'delete':
      return absent;
    case 'putHash':
      return action.output === undefined ? undefined : hashed(action.output, action.value);
    case 'get':
    case 'append':
      return undefined;
  }
}

function linkOf(action: Action): Link | undefined {
  if (action.kind === 'append') return { kind: 'append', value: action.value };
  if (action.kind === 'putHash' && action.output === undefined) return { kind: 'putHash', value: action.value };
  return undefined;
}

function isHash(text: string): boolean {
  return HASH.test(text) && Number(text) <= MOST;
}

/** The greatest 32-bit number. */
const MOST = 0xffffffff;

function grouped(
  operations: readonly Operation[],
  nameOf: (operation: Operation) => string | undefined,
): ReadonlyMap<string, readonly Operation[]> {
  const groups = new Map<string, Operation[]>();
  for (const operation of operations) {
    const name = nameOf(operation);
    if (name === undefined) continue;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [operation]);
    else group.push(operation);
  }
  return groups;
}
