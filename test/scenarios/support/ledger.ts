/** Everything that clients wrote and read in a scenario, and the proof that it was all as if on one server. */
import { expect } from 'chai';
import { Register } from '../../support/cluster/register.ts';

/** Keys `log-...` are only appended to and read; every other key is written once, with a value of its own. */
export class Ledger {
  readonly #registers = new Map<string, Register>();
  /** Acknowledged writes of keys that are written once. */
  readonly #written = new Map<string, string>();
  readonly #acknowledgedAt: number[] = [];
  #tokens = 0;

  /** A token that no other call has; what is appended ends in a dot, so that none is part of another. */
  token(who: string): string {
    this.#tokens += 1;
    return `${who}-${this.#tokens}.`;
  }

  register(key: string): Register {
    let register = this.#registers.get(key);
    if (register === undefined) {
      register = new Register();
      this.#registers.set(key, register);
    }
    return register;
  }

  get logs(): readonly string[] {
    return [...this.#registers.keys()];
  }

  get written(): ReadonlyMap<string, string> {
    return this.#written;
  }

  /** A write was acknowledged, at this virtual time. */
  acknowledged(at: number): void {
    this.#acknowledgedAt.push(at);
  }

  put(key: string, value: string): void {
    this.#written.set(key, value);
  }

  /** When each write was acknowledged, in virtual milliseconds. */
  get acknowledgements(): readonly number[] {
    return this.#acknowledgedAt;
  }

  get writes(): number {
    return this.#acknowledgedAt.length;
  }

  /** The longest time in `[from, to]` in which no write was acknowledged, in milliseconds. */
  longestGapMs(from: number, to: number): number {
    const inside = this.#acknowledgedAt.filter((at) => at >= from && at <= to);
    let longest = 0;
    let last = from;
    for (const at of [...inside, to]) {
      longest = Math.max(longest, at - last);
      last = at;
    }
    return longest;
  }

  /** No write lost or doubled, no stale and no dirty read. */
  check(): void {
    for (const [key, register] of this.#registers) {
      try {
        register.check();
      } catch (error) {
        expect.fail(`${key}: ${(error as Error).message}`);
      }
    }
  }
}
