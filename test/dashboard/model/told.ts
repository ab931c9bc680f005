/** A page model that is told things, with a clock that the test turns. */
import type { Hello, Sample } from '@understudy/dashboard';
import type { View } from '@understudy/sysmonitor';
import { PageModel } from '../../../packages/dashboard/page/model/page-model.js';
import { monitorSample, notice, serverSample, viewNotice } from '../support/telling.ts';

export const MONITOR = '10.0.0.1:7000';
export const ONE = '10.0.0.1:7001';
export const TWO = '10.0.0.1:7002';
export const CAST = { monitor: MONITOR, servers: [ONE, TWO] };

export const ALONE: View = { viewnum: 1, primary: ONE, backups: [], syncing: [] };
export const PAIR: View = { viewnum: 2, primary: ONE, backups: [TWO], syncing: [] };
export const AFTER: View = { viewnum: 3, primary: TWO, backups: [], syncing: [] };

/** Two servers and their monitor, heard of 10 seconds after the epoch, in step. */
export class Told {
  readonly model = new PageModel();
  now = 10_000;

  constructor() {
    for (const [node, kind] of [
      [MONITOR, 'monitor'],
      [ONE, 'server'],
      [TWO, 'server'],
    ] as const) {
      this.model.hello(node, helloOf(node, kind, this.now), this.now);
    }
    this.monitorSays(viewNotice(1, 9_000, PAIR, [{ kind: 'backup-joined', server: TWO }]));
    this.monitorSays(notice(2, 9_050, 'info', { kind: 'acknowledged', view: PAIR }, 'acknowledged'));
    this.sample(MONITOR, monitorSample(CAST, this.now, { view: PAIR }));
    this.serverSamples(0);
  }

  get cluster() {
    return this.model.clusterAt(this.now);
  }

  get verdict() {
    return this.model.verdictOn(this.cluster);
  }

  member(node: string) {
    return this.cluster.members.find((member) => member.node === node);
  }

  monitorSays(said: ReturnType<typeof notice>): void {
    this.model.notice(MONITOR, said, this.now);
  }

  sample(node: string, sample: Sample): void {
    this.model.sample(node, sample, this.now);
  }

  /** Of both servers, which have done that many operations. */
  serverSamples(done: number): void {
    const telling = { view: PAIR, keys: 5, index: 7, lag: 2, done };
    this.sample(ONE, serverSample(CAST, 0, this.now, telling));
    this.sample(TWO, serverSample(CAST, 1, this.now, { ...telling, done: 0 }));
  }

  /** All are heard, once a second. */
  pass(seconds: number, perSecond = 0): void {
    for (let second = 1; second <= seconds; second += 1) {
      this.now += 1_000;
      this.sample(MONITOR, monitorSample(CAST, this.now, { view: PAIR }));
      this.serverSamples(second * perSecond);
    }
  }
}

export function helloOf(node: string, kind: Hello['kind'], now: number): Hello {
  return {
    node,
    kind,
    now,
    since: 1_000,
    monitors: [MONITOR],
    nodes: [MONITOR, ONE, TWO],
    pingIntervalMs: 100,
    deadPings: 5,
    history: [],
  };
}
