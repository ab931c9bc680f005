/** Messages of the simulated network, and the trace of them. */
import type { Address } from '@understudy/rpc';
import type { Disturbance } from './disturbance.ts';
import { QUANTUM_MS } from './virtual-clock.ts';

/** A request or its reply. It is text, so that two processes never share an object. */
export interface Message {
  readonly kind: 'request' | 'reply';
  /** The number of the call, counted in the whole world. A request and its reply have the same number. */
  readonly call: number;
  /** Names of processes. */
  readonly from: string;
  readonly to: string;
  /** The address that was called, in a reply too. */
  readonly address: Address;
  readonly method: string;
  /** JSON: the params of a request; `{ result }` or `{ error }` of a reply. */
  readonly text: string;
}

/**
 * `sent`: left its process. `delivered`: handled by the receiver. `held`: by an interceptor or a clogged link.
 * `dropped`: will never arrive. `unclaimed`: a reply that no caller waits for (any more). `withdrawn`: taken back in
 * the turn in which it was sent.
 */
export type Fate = (typeof FATES)[number];

const FATES = ['sent', 'delivered', 'held', 'dropped', 'unclaimed', 'withdrawn'] as const;
/** Greater numbers have more than 32 bits. */
const BEYOND_32_BITS = 2 ** 32;

export interface TraceEntry {
  /** Virtual milliseconds. */
  readonly at: number;
  readonly fate: Fate;
  readonly message: Message;
  /** The reason, where the fate does not tell it. */
  readonly reason: string;
}

/** Virtual times are multiples of this fraction of a millisecond. */
const TICKS_PER_MS = 1 / QUANTUM_MS;

/**
 * Roughly the number of characters of a text that the digest samples. Two runs that differ in another character soon
 * differ in more.
 */
const SAMPLES = 64;

/** The newest entries, and a digest of all entries ever. */
export class Trace {
  /** Called with every entry. */
  onEntry: ((entry: TraceEntry) => void) | undefined;
  /** Called with every change of a process or link. These are neither kept nor part of the digest. */
  onDisturbance: ((disturbance: Disturbance) => void) | undefined;
  readonly #limit: { readonly entries: number; readonly characters: number };
  #entries: TraceEntry[] = [];
  #start = 0;
  #characters = 0;
  #high = 0xdeadbeef;
  #low = 0x41c6ce57;

  /** @param entries The number of entries kept, unless their texts are too long. */
  constructor({ entries = 5_000, characters = 4 * 1024 * 1024 } = {}) {
    this.#limit = { entries, characters };
  }

  /** Oldest first. */
  get entries(): readonly TraceEntry[] {
    return this.#entries.slice(this.#start);
  }

  /** Equal for every run of a seed, and almost certainly different for two different runs. */
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

  /** Adds to the digest a decision that is not a message but affects the run. */
  mark(at: number, what: string): void {
    this.#mix(at * TICKS_PER_MS);
    this.#mixText(what);
  }

  /** The last `count` entries, one line each. */
  lines(count = 50): string[] {
    return this.entries.slice(-count).map(lineOf);
  }

  get #length(): number {
    return this.#entries.length - this.#start;
  }

  /** Samples a long text, because mixing every character would cost too much time. */
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
    // The division takes as long as everything else, and hardly any number needs it.
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
