/** A seat: an address that stays the same, and what runs there, if anything does. */
import type { Address } from '@understudy/rpc';

export interface SeatOptions<T> {
  /** Where it was in an earlier cluster; with a free port unless set. */
  readonly address?: Address | undefined;
  readonly launch: (listen: Address) => Promise<T>;
  /** Ends it as a crash would. */
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

  /** With a free port before the first start, and then with that port for good. */
  get address(): Address {
    return this.#address;
  }

  get running(): T | undefined {
    return this.#running;
  }

  /** Does nothing where it runs already. */
  start(): Promise<void> {
    if (this.#running !== undefined) return Promise.resolve();
    this.#starting ??= this.#launch().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  /** Does nothing where nothing runs. Ends also what is still starting, or stopping. */
  kill(): Promise<void> {
    return this.#end(this.#options.kill);
  }

  stop(): Promise<void> {
    return this.#end(this.#options.stop);
  }

  /** It has ended by itself. */
  vacate(ended: T): void {
    if (this.#running === ended) this.#running = undefined;
  }

  async #launch(): Promise<void> {
    const running = await this.#options.launch(this.#address);
    this.#address = running.address;
    this.#running = running;
  }

  async #end(how: (running: T) => Promise<unknown>): Promise<void> {
    // A start that fails is the failure of whoever asked for it.
    await this.#starting?.catch(() => {});
    const running = this.#running;
    if (running === undefined) return;
    await how(running);
    this.vacate(running);
  }
}
