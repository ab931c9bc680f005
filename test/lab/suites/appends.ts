/** Clients that append to one key, each its own numbered tokens, and the check of what becomes of them. */
import type { KVClient } from '@understudy/kvservice';
import { expect } from 'chai';
import { Register } from '../../support/cluster/register.ts';
import type { Stage } from '../stage.ts';
import { read } from './steps.ts';

export class Appends {
  readonly #stage: Stage;
  readonly #key: string;
  readonly #register = new Register();
  readonly #counts = new Map<number, number>();
  #reads = 0;

  constructor(stage: Stage, key: string) {
    this.#stage = stage;
    this.#key = key;
  }

  /** The next one of this client, in the lab's form. */
  async append(kv: KVClient, client: number): Promise<void> {
    const number = this.#counts.get(client) ?? 0;
    this.#counts.set(client, number + 1);
    const token = tokenOf(client, number);
    this.#register.begins('append', token, this.#stage.now);
    await kv.append(this.#key, token);
    this.#register.ends('append', token, this.#stage.now, '');
  }

  async read(kv: KVClient): Promise<string> {
    const token = `read ${this.#reads++}`;
    this.#register.begins('get', token, this.#stage.now);
    const value = await read(kv, this.#key);
    this.#register.ends('get', token, this.#stage.now, value);
    return value;
  }

  /** All appends are there, each once, in order for each client, and everything that was read fits (linearizability). */
  check(value: string): void {
    for (const [client, count] of this.#counts) {
      const seen = [...value.matchAll(new RegExp(`x ${client} (\\d+) y`, 'g'))].map(([, number]) => Number(number));
      expect(seen, `appends of client ${client}`).to.deep.equal(Array.from({ length: count }, (_, number) => number));
    }
    this.#register.check();
  }
}

function tokenOf(client: number, number: number): string {
  return `x ${client} ${number} y`;
}
