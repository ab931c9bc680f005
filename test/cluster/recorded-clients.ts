/** Clients that append tokens, each of them once, and read, and note what they were told and when. */
import { KVClient } from '@understudy/kvservice';
import type { SeededRandom } from '@understudy/testkit';

export interface RecordedEvent {
  readonly client: number;
  readonly call: number;
  readonly return: number;
  readonly op: 'append' | 'get';
  readonly key: string;
  readonly value?: string;
  readonly output?: string | null;
}

/** Of the keys of an epoch, so that no value grows too long to be looked at. */
const KEYS = 3;
const READ_SHARE = 0.2;
/** Reads also see what was written before earlier deaths. */
const OLD_SHARE = 0.3;

export class RecordedClients {
  /** In the order in which they returned; each operation is tried until it is answered. */
  readonly events: RecordedEvent[] = [];
  readonly #clients: readonly KVClient[];
  readonly #random: SeededRandom;
  readonly #running: Promise<unknown>;
  #epoch = 0;
  #isOver = false;

  constructor(monitor: string, count: number, random: SeededRandom) {
    this.#random = random;
    this.#clients = Array.from({ length: count }, () => new KVClient({ monitors: monitor }));
    this.#running = Promise.all(this.#clients.map((kv, number) => this.#run(kv, number)));
    // It is awaited at the end; a failure before that must not end the process.
    this.#running.catch(() => {});
  }

  get keys(): readonly string[] {
    return [...new Set(this.events.map(({ key }) => key))];
  }

  /** What begins from now on writes other keys. */
  nextEpoch(): void {
    this.#epoch += 1;
  }

  /** Resolves when that many more operations were answered; fails as soon as one fails. */
  async answered(more: number): Promise<void> {
    const goal = this.events.length + more;
    while (this.events.length < goal) {
      await Promise.race([this.#running, new Promise((resolve) => setTimeout(resolve, 5))]);
    }
  }

  /** Lets what is under way end, and gives what the keys hold at last; these reads are part of the history too. */
  async finish(): Promise<ReadonlyMap<string, string>> {
    this.#isOver = true;
    await this.#running;
    const values = new Map<string, string>();
    const [kv] = this.#clients;
    for (const key of this.keys) values.set(key, (kv && (await this.#get(kv, 0, key))) ?? '');
    for (const client of this.#clients) await client.close();
    return values;
  }

  async #run(kv: KVClient, client: number): Promise<void> {
    for (let count = 0; !this.#isOver; count += 1) {
      if (this.#random.chance(READ_SHARE)) await this.#get(kv, client, this.#keyToRead());
      else await this.#append(kv, client, `${client}.${count};`);
    }
  }

  async #append(kv: KVClient, client: number, value: string): Promise<void> {
    const key = this.#keyOf(this.#epoch);
    const call = performance.now();
    await kv.append(key, value);
    this.events.push({ client, call, return: performance.now(), op: 'append', key, value });
  }

  async #get(kv: KVClient, client: number, key: string): Promise<string | undefined> {
    const call = performance.now();
    const value = await kv.get(key);
    this.events.push({ client, call, return: performance.now(), op: 'get', key, output: value ?? null });
    return value;
  }

  #keyToRead(): string {
    const isOld = this.#random.chance(OLD_SHARE);
    return this.#keyOf(isOld ? this.#random.integer(0, this.#epoch) : this.#epoch);
  }

  #keyOf(epoch: number): string {
    return `${epoch}/${this.#random.integer(1, KEYS)}`;
  }
}
