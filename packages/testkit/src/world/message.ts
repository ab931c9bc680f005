/** What crosses the simulated network, and the record of it. */
import type { Address } from '@understudy/rpc';
import type { Disturbance } from './disturbance.ts';
import { QUANTUM_MS } from './virtual-clock.ts';

/** A request or the reply to it: text, so that two processes never share an object. */
export interface Message {
  readonly kind: 'request' | 'reply';
  /** Counts the calls of the world; a request and its reply have the same. */
  readonly call: number;
  /** Names of processes. */
  readonly from: string;
  readonly to: string;
  /** The address that was called, for a reply too. */
  readonly address: Address;
  readonly method: string;
  /** JSON: of a request the params, of a reply `{ result }` or `{ error }`. */
  readonly text: string;
}

/**
 * `sent`: left its process. `delivered`: handled by the other. `held`: by an interceptor or a clogged link.
 * `dropped`: nobody will ever see it. `unclaimed`: nobody waits for this reply (any more). `withdrawn`: taken back in the turn
 * in which it was sent.
 */
export type Fate = (typeof FATES)[number];

const FATES = ['sent', 'delivered', 'held', 'dropped', 'unclaimed', 'withdrawn'] as const;
/** Numbers above it have more than 32 bits. */
const BEYOND_32_BITS = 2 ** 32;

export interface TraceEntry {
  /** Virtual milliseconds. */
  readonly at: number;
  readonly fate: Fate;
  readonly message: Message;
  /** Why, where the fate does not say it. */
  readonly reason: string;
}

/** Virtual times are multiples of this part of a millisecond. */
const TICKS_PER_MS = 1 / QUANTUM_MS;

/** Characters of a text that the digest looks at, about: two runs that differ in another one differ in more soon after. */
const SAMPLES = 64;

/** The newest entries, and a digest of all there ever were. */
export class Trace {
  /** Told every entry as it is made. */
  onEntry: ((entry: TraceEntry) => void) | undefined;
  /** Told what is done to processes and links; neither kept nor in the digest. */
  onDisturbance: ((disturbance: Disturbance) => void) | undefined;
  readonly #limit: { readonly entries: number; readonly characters: number };
  #entries: TraceEntry[] = [];
  #start = 0;
  #characters = 0;
  #high = 0xdeadbeef;
  #low = 0x41c6ce57;

  /** @param entries Those that are kept, as long as their texts are not too long. */
  constructor({ entries = 5_000, characters = 4 * 1024 * 1024 } = {}) {
    this.#limit = { entries, characters };
  }

  /** Oldest first. */
  get entries(): readonly TraceEntry[] {
    return this.#entries.slice(this.#start);
  }

  /** The same for every run of a seed, and as good as never for two different runs. */
  get digest(): string {
    return (this.#high >>> 0).toString(16).padStart(8, '0') + (this.#low >>> 0).toString(16).padStart(8, '0');
  }

  add(entry: TraceEntry): void {
    const { message } = entry;
    this.#mix(entry.at * TICKS_PER_MS);
    this.#mix(message.call * FATES.length + FATES.indexOf(entry.fate));
    if (entry.fate === 'sent') this.#mixText(message.text);
    this.onEntry?.(entry);
    this.#entries.push(entry);
    this.#characters += message.text.length;
    while (this.#length > this.#limit.entries || (this.#characters > this.#limit.characters && this.#length > 1)) {
      this.#characters -= this.#entries[this.#start]?.message.text.length ?? 0;
      this.#start++;
    }
    if (this.#start <= this.#limit.entries) return;
    this.#entries = this.#entries.slice(this.#start);
    this.#start = 0;
  }

  /** Takes into the digest what is not a message, and decides about the run as well. */
  mark(at: number, what: string): void {
    this.#mix(at * TICKS_PER_MS);
    this.#mixText(what);
  }

  /** The last `count` entries, a line each. */
  lines(count = 50): string[] {
    return this.entries.slice(-count).map(lineOf);
  }

  get #length(): number {
    return this.#entries.length - this.#start;
  }

  /** Samples a long text: not every character is worth its time. */
  #mixText(text: string): void {
    const length = text.length;
    const step = 1 + Math.floor(length / SAMPLES);
    let high = this.#high;
    let low = this.#low;
    for (let at = 0; at < length; at += step) {
      const code = text.charCodeAt(at);
      high = Math.imul(high ^ code, 2654435761);
      low = Math.imul(low ^ code ^ (high >>> 15), 1597334677);
    }
    this.#high = high;
    this.#low = low;
    this.#mix(length);
  }

  /** @param number An integer from 0. */
  #mix(number: number): void {
    const isSmall = number < BEYOND_32_BITS;
    // Dividing takes as long as all the rest, and hardly any number needs it.
    const lower = isSmall ? number : number % BEYOND_32_BITS;
    const upper = isSmall ? 0 : number / BEYOND_32_BITS;
    this.#high = Math.imul(this.#high ^ lower, 2654435761);
    this.#low = Math.imul(this.#low ^ upper ^ (this.#high >>> 15), 1597334677);
  }
}

function lineOf({ at, fate, message, reason }: TraceEntry): string {
  const text = message.text.length > 160 ? `${message.text.slice(0, 157)}...` : message.text;
  const why = reason === '' ? '' : ` (${reason})`;
  return `${at.toFixed(3)} ${fate}${why} ${message.from} > ${message.to} #${message.call} ${message.kind} ${message.method} ${text}`;
}
