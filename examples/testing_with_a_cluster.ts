/**
 * How to test code of your own that keeps its state in Understudy: against a real cluster, whose servers the tests kill.
 *
 * Build once with `npm run setup`, then run it with `node --import tsx examples/testing_with_a_cluster.ts`. The tests are written for
 * Node's own test runner; with mocha, leave out its import.
 */
import { equal } from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { KVClient } from '@understudy/kvservice';
import { type Cluster, startCluster } from '@understudy/testkit';

/** The code under test: sells numbered seats, each of them once, however many box offices there are. */
class BoxOffice {
  readonly #kv: KVClient;
  readonly #show: string;
  readonly #seats: number;

  constructor(kv: KVClient, { show, seats }: { readonly show: string; readonly seats: number }) {
    this.#kv = kv;
    this.#show = show;
    this.#seats = seats;
  }

  /** The number of the seat; undefined when the house is full. */
  async sell(guest: string): Promise<number | undefined> {
    for (let seat = 1; seat <= this.#seats; seat += 1) {
      if (await this.#kv.cas(`${this.#show}/${seat}`, null, guest)) return seat;
    }
    return undefined;
  }

  async guestAt(seat: number): Promise<string | undefined> {
    return this.#kv.get(`${this.#show}/${seat}`);
  }
}

describe('the box office', () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await startCluster({ servers: 3 });
  });
  after(() => cluster.close());

  it('sells each seat once when the primary is killed during the rush', async () => {
    const show = { show: 'Hamlet', seats: 20 };
    const offices = [new BoxOffice(cluster.client(), show), new BoxOffice(cluster.client(), show)];
    const rush = offices.flatMap((office, number) =>
      Array.from({ length: 15 }, async (_, index) => {
        const guest = `guest ${index} of office ${number}`;
        return { guest, seat: await office.sell(guest) };
      }),
    );
    await cluster.kill('primary'); // no goodbye, and its memory is gone
    const tickets = (await Promise.all(rush)).filter(({ seat }) => seat !== undefined);

    equal(new Set(tickets.map(({ seat }) => seat)).size, 20, 'every seat is sold');
    equal(tickets.length, 20, 'no seat is sold twice');
    for (const { guest, seat } of tickets) equal(await offices[0]?.guestAt(seat ?? 0), guest);
  });

  it('keeps what it sold while every server is replaced, one after the other', async () => {
    const office = new BoxOffice(cluster.client(), { show: 'Macbeth', seats: 2 });
    equal(await office.sell('Ada'), 1);
    for (const { address } of cluster.servers) {
      await cluster.restart(address); // with empty memory
      await cluster.waitUntilInSync(); // before the next may go
    }
    equal(await office.guestAt(1), 'Ada');
    equal(await office.sell('Grace'), 2);
    equal(await office.sell('Edsger'), undefined);
  });

  it('goes on selling while nobody can say who is primary', async () => {
    const office = new BoxOffice(cluster.client(), { show: 'Othello', seats: 1 });
    equal(await office.guestAt(1), undefined);
    await cluster.kill('monitor');
    equal(await office.sell('Ada'), 1);
    await cluster.restart('monitor');
    await cluster.waitUntilInSync();
    equal(await office.guestAt(1), 'Ada');
  });
});
