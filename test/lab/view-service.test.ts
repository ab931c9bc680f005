/**
 * The lab's view-service test (6.824, lab 2, 2013 to 2015): its nine steps with bare pings, over real sockets and, the very same,
 * in virtual time.
 */
import { realWorld, type World } from '@understudy/rpc';
import { DEAD_PINGS, type Monitor, MonitorClient, startMonitor, type View } from '@understudy/sysmonitor';
import { SimulatedWorld } from '@understudy/testkit';
import { expect } from 'chai';

/** Until a step must have been taken: far more than the lab allows, since a machine that stands still begins a silence anew. */
const TRIES = DEAD_PINGS * 40;

/** Where a lab takes place: it passes the time, and knows where the monitor and its clients run. */
interface Place {
  readonly pingInterval: number;
  readonly listen: string;
  worldOf(process: string): World;
  sleep(ms: number): Promise<void>;
  run(body: () => Promise<void>): Promise<void>;
}

/** A server as the lab's test plays it: it pings what it is told to, and knows its name. */
class Clerk {
  readonly me: string;
  readonly #monitors: MonitorClient;

  constructor(me: string, monitors: string, world: World) {
    this.me = me;
    this.#monitors = new MonitorClient({ monitors, world, timeoutMs: 10_000 });
  }

  async ping(viewnum: number): Promise<View> {
    return (await this.#monitors.ping({ server: this.me, viewnum })).view;
  }

  get(): Promise<View> {
    return this.#monitors.view();
  }

  async acknowledge(): Promise<View> {
    return this.ping((await this.get()).viewnum);
  }

  close(): Promise<void> {
    return this.#monitors.close();
  }
}

function labIn(placeOf: () => Place): void {
  let place: Place;
  let worlds: World[];
  let monitor: Monitor;
  let ck1: Clerk;
  let ck2: Clerk;
  let ck3: Clerk;

  const inPlace = (body: () => Promise<void>) => () => place.run(body);

  before(async () => {
    place = placeOf();
    worlds = [];
    await place.run(async () => {
      const worldOf = (process: string) => {
        const world = place.worldOf(process);
        worlds.push(world);
        return world;
      };
      const { listen, pingInterval } = place;
      monitor = await startMonitor({ listen, pingInterval, world: worldOf('monitor') });
      const clerk = (name: string) => new Clerk(name, monitor.address, worldOf(name));
      [ck1, ck2, ck3] = [clerk('one:1'), clerk('two:1'), clerk('three:1')];
    });
  });

  after(async () => {
    await place.run(async () => {
      for (const one of [ck1, ck2, ck3, monitor]) await one.close();
      for (const world of worlds) await world.transport.close();
    });
  });

  /** Once every ping interval, at most `times` times, until it says true. */
  async function repeat(times: number, step: () => Promise<boolean>): Promise<void> {
    for (let time = 0; time < times; time++) {
      if (await step()) return;
      await place.sleep(place.pingInterval);
    }
  }

  async function check(primary: Clerk, backup: Clerk | undefined, viewnum?: number): Promise<void> {
    const view = await ck1.get();
    expect(view.primary, 'primary').to.equal(primary.me);
    expect(view.backups, 'backups').to.deep.equal(backup === undefined ? [] : [backup.me]);
    if (viewnum !== undefined) expect(view.viewnum, 'viewnum').to.equal(viewnum);
  }

  it(
    'there is no primary too soon',
    inPlace(async () => {
      expect((await ck1.get()).primary).to.equal('');
    }),
  );

  it(
    'first primary',
    inPlace(async () => {
      await repeat(TRIES, async () => (await ck1.ping(0)).primary === ck1.me);
      await check(ck1, undefined, 1);
    }),
  );

  it(
    'first backup',
    inPlace(async () => {
      const { viewnum } = await ck1.get();
      await repeat(TRIES, async () => {
        await ck1.ping(1);
        return (await ck2.ping(0)).backups.includes(ck2.me);
      });
      await check(ck1, ck2, viewnum + 1);
    }),
  );

  it(
    'backup takes over if primary fails',
    inPlace(async () => {
      await ck1.ping(2);
      const { viewnum } = await ck2.ping(2);
      await repeat(TRIES, async () => {
        const view = await ck2.ping(viewnum);
        return view.primary === ck2.me && view.backups.length === 0;
      });
      await check(ck2, undefined, viewnum + 1);
    }),
  );

  it(
    'restarted server becomes backup',
    inPlace(async () => {
      const { viewnum } = await ck2.acknowledge();
      await repeat(TRIES, async () => {
        await ck1.ping(0);
        const view = await ck2.ping(viewnum);
        return view.primary === ck2.me && view.backups.includes(ck1.me);
      });
      await check(ck2, ck1, viewnum + 1);
    }),
  );

  it(
    'idle third server becomes backup if primary fails',
    inPlace(async () => {
      let { viewnum } = await ck2.acknowledge();
      await repeat(TRIES, async () => {
        await ck3.ping(0);
        const view = await ck1.ping(viewnum);
        if (view.primary === ck1.me && view.backups.includes(ck3.me)) return true;
        viewnum = view.viewnum;
        return false;
      });
      await check(ck1, ck3, viewnum + 1); // one change: never without a backup in between
    }),
  );

  it(
    'restarted primary treated as dead',
    inPlace(async () => {
      const { viewnum } = await ck1.acknowledge();
      await repeat(TRIES, async () => {
        await ck1.ping(0);
        await ck3.ping(viewnum);
        return (await ck3.get()).primary !== ck1.me;
      });
      expect((await ck3.get()).primary).to.equal(ck3.me);
    }),
  );

  it(
    'dead backup is removed from view',
    inPlace(async () => {
      await repeat(DEAD_PINGS * 3, async () => {
        await ck3.acknowledge();
        return false;
      });
      await check(ck3, undefined);
    }),
  );

  it(
    'view service waits for primary to acknowledge the view',
    inPlace(async () => {
      const { viewnum } = await ck1.get();
      await repeat(DEAD_PINGS * 3, async () => {
        await ck1.ping(0);
        await ck3.ping(viewnum);
        return (await ck1.get()).viewnum > viewnum;
      });
      await check(ck3, ck1, viewnum + 1);
      // The primary never acknowledges, and dies: its backup may lack the data.
      await repeat(DEAD_PINGS * 3, async () => (await ck1.ping(viewnum + 1)).viewnum > viewnum + 1);
      await check(ck3, ck1, viewnum + 1);
    }),
  );

  it(
    'uninitialised server cannot become primary',
    inPlace(async () => {
      await repeat(DEAD_PINGS * 2, async () => {
        const { viewnum } = await ck1.get();
        await ck1.ping(viewnum);
        await ck2.ping(0);
        await ck3.ping(viewnum);
        return false;
      });
      expect(monitor.status().acknowledged).to.equal(true);
      await repeat(DEAD_PINGS * 2, async () => {
        await ck2.ping(0);
        return false;
      });
      expect((await ck2.get()).primary).to.not.equal(ck2.me);
    }),
  );
}

describe("the lab's view service", () => {
  describe('over real sockets', () => {
    labIn(() => ({
      pingInterval: 50,
      listen: '127.0.0.1:0',
      worldOf: () => realWorld(),
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      run: (body) => body(),
    }));
  });

  describe('in virtual time', () => {
    labIn(() => {
      const world = new SimulatedWorld({ seed: 'lab' });
      return {
        pingInterval: 100,
        listen: 'monitor:1',
        worldOf: (process) => world.process(process).world,
        sleep: (ms) => world.runFor(ms),
        run: (body) => world.run(body),
      };
    });
  });
});
