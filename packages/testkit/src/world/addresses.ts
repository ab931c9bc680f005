/** Who listens at which address in a simulated network. */
import { type Address, parseAddress, UnderstudyError } from '@understudy/rpc';
import type { Listening } from './listening.ts';

/** The first port given out for port 0. */
const FIRST_FREE_PORT = 40_000;

export class Addresses {
  readonly #listening = new Map<Address, Listening>();
  /** The process that last listened at an address. */
  readonly #owners = new Map<Address, string>();
  readonly #moved = new Map<string, Address>();
  #nextPort = FIRST_FREE_PORT;

  get(address: Address): Listening | undefined {
    return this.#listening.get(address);
  }

  /** The listener that answers when this process calls this address. */
  reachedBy(caller: string, address: Address): Listening | undefined {
    return this.get(this.#moved.get(`${caller} ${address}`) ?? address);
  }

  /** From now on, this process reaches `to` when it calls `address`. */
  move(caller: string, address: Address, to: Address): void {
    this.#moved.set(`${caller} ${address}`, to);
  }

  ownerOf(address: Address): string | undefined {
    return this.#owners.get(address);
  }

  all(): Listening[] {
    return [...this.#listening.values()];
  }

  of(name: string): Listening[] {
    return this.all().filter(({ run }) => run.name === name);
  }

  /** The address itself, or one with a free port. CONFLICTING_SERVER if it is taken. */
  pick(wanted: Address): Address {
    if (parseAddress(wanted, 'listen').port !== 0) {
      if (!this.#listening.has(wanted)) return wanted;
      throw new UnderstudyError('CONFLICTING_SERVER', `cannot listen on ${wanted}: it is taken`);
    }
    const host = wanted.slice(0, wanted.lastIndexOf(':'));
    let address: Address;
    do address = `${host}:${this.#nextPort++}`;
    while (this.#listening.has(address));
    return address;
  }

  add(listening: Listening): void {
    this.#listening.set(listening.address, listening);
    this.#owners.set(listening.address, listening.run.name);
  }

  /** Returns false if it was removed before. */
  remove(listening: Listening): boolean {
    if (this.#listening.get(listening.address) !== listening) return false;
    return this.#listening.delete(listening.address);
  }
}
