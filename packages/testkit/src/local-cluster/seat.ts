/** A seat: an address that stays the same, and the process that runs there, if any. */
import type { Address } from '@understudy/rpc';

export interface SeatOptions<T> {
  /** The address in an earlier cluster. Unless set, a free port. */
  readonly address?: Address | undefined;
  readonly launch: (listen: Address) => Promise<T>;
  /** Ends it like a crash. */
  readonly kill: (running: T) => Promise<unknown>;
  /** Ends it with a goodbye. */
  readonly stop: (running: T) => Promise<unknown>;
}

export class Seat<T extends { readonly address: Address }> {
  readonly #options: SeatOptions<T>;
  #address: Address;
  #running: T | undefined;
  #starting: Promise<void> | undefined;

  constructor(options: SeatOptions<T>) {
    this.#options = options;
    this.#address = options.address ?? '127.0.0.1:0';
  }

  /** Has port 0 before the first start, and afterwards always the port that was bound then. */
  get address(): Address {
    return this.#address;
  }

  get running(): T | undefined {
    return this.#running;
  }

  /** Does nothing if it runs already. */
  start(): Promise<void> {
    if (this.#running !== undefined) return Promise.resolve();
    this.#starting ??= this.#launch().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  /** Does nothing if nothing runs. Also ends a process that is still starting or stopping. */
  kill(): Promise<void> {
    return this.#end(this.#options.kill);
  }

  stop(): Promise<void> {
    return this.#end(this.#options.stop);
  }

  /** The process has ended by itself. */
  vacate(ended: T): void {
    if (this.#running === ended) this.#running = undefined;
  }

  async #launch(): Promise<void> {
    const running = await this.#options.launch(this.#address);
    this.#address = running.address;
    this.#running = running;
  }

  async #end(how: (running: T) => Promise<unknown>): Promise<void> {
    // If the start fails, the caller of `start` gets the failure.
    await this.#starting?.catch(() => {});
    const running = this.#running;
    if (running === undefined) return;
    await how(running);
    this.vacate(running);
  }
}
