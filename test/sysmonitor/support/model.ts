/** A monitor with model servers, driven by one action after another; what must hold is checked after each. */
import type { Ping, View } from '@understudy/sysmonitor';
import { expect } from 'chai';
import type { MonitorCore } from '../../../packages/sysmonitor/src/core/monitor.ts';
import type { MonitorState } from '../../../packages/sysmonitor/src/core/state.ts';
import { type Entry, ModelServer } from './model-server.ts';
import { newMonitor } from './table.ts';

export type Action =
  | { readonly kind: 'time'; readonly ms: number; readonly paused: boolean }
  | { readonly kind: 'ping'; readonly server: number; readonly answerLost: boolean }
  | { readonly kind: 'report-lost'; readonly server: number }
  | { readonly kind: 'write' | 'crash' | 'leave'; readonly server: number }
  | { readonly kind: 'replicate'; readonly server: number; readonly to: number }
  | { readonly kind: 'restart'; readonly server: number; readonly withData: boolean }
  /** So many times everybody who lives, but for those who are cut off, pings, replicates and pings again. */
  | { readonly kind: 'rounds'; readonly times: number; readonly cutOff: readonly number[] }
  | { readonly kind: 'replay'; readonly age: number }
  | { readonly kind: 'garbage'; readonly ping: Ping }
  | { readonly kind: 'monitor-restart'; readonly withState: boolean };

export class Model {
  readonly servers: readonly ModelServer[];
  monitor: MonitorCore;
  now = 0;
  /** By cluster: everything that a client may have been told. */
  readonly committed = new Map<string, readonly Entry[]>();
  readonly #backups: number;
  #lives = 1;
  #ids = 0;
  /** What its primary has heard of: from then on it may write under that number. */
  readonly #viewsHeard = new Set<string>();
  /** Pings to the present run of the monitor. */
  #sent: Ping[] = [];

  constructor(servers: number, backups: number) {
    this.servers = Array.from({ length: servers }, (_, index) => new ModelServer(`s${index}`));
    this.#backups = backups;
    this.monitor = this.#newMonitor(undefined, true);
  }

  act(action: Action): void {
    switch (action.kind) {
      case 'time':
        return this.#pass(action.ms, action.paused);
      case 'ping':
        return this.#ping(this.#at(action.server), action.answerLost);
      case 'report-lost':
        return this.#ping(this.#at(action.server), false, this.#at(action.server).unheard());
      case 'write':
        this.#ids += 1;
        return this.#at(action.server).write(this.#ids);
      case 'crash':
        this.#at(action.server).alive = false;
        return;
      case 'leave':
        this.#at(action.server).leaving = true;
        return;
      case 'replicate':
        return this.#replicate(this.#at(action.server), this.#at(action.to));
      case 'restart':
        return this.#at(action.server).restart(action.withData);
      case 'rounds':
        for (let time = 0; time < action.times; time++) this.round(action.cutOff.map((index) => this.#at(index)));
        return;
      case 'replay':
        return this.#replay(action.age);
      case 'garbage':
        this.#deliver(action.ping);
        return;
      case 'monitor-restart':
        this.monitor = this.#newMonitor(action.withState ? this.monitor.state : undefined, false);
        return;
    }
  }

  round(cutOff: readonly ModelServer[] = []): void {
    const present = this.servers.filter((server) => !cutOff.includes(server));
    for (const server of present) this.#ping(server, false);
    for (const from of present) for (const to of present) this.#replicate(from, to);
    for (const server of present) this.#ping(server, false);
    this.#pass(100, false);
  }

  #at(index: number): ModelServer {
    const server = this.servers[index % this.servers.length];
    if (server === undefined) throw new Error('no servers');
    return server;
  }

  #newMonitor(state: MonitorState | undefined, newCluster: boolean): MonitorCore {
    this.#sent = [];
    const id = `cluster-${this.#lives++}`;
    return newMonitor({ backups: this.#backups, newCluster, state, newClusterId: id, now: this.now });
  }

  #pass(ms: number, paused: boolean): void {
    for (let left = ms; left > 0; left -= 100) {
      this.now += Math.min(left, 100);
      if (!paused) this.monitor.tick(this.now);
    }
  }

  #ping(server: ModelServer, answerLost: boolean, lost: readonly string[] = []): void {
    if (!server.alive) return;
    const ping = server.ping(lost);
    this.#sent.push(ping);
    const before = this.monitor.view;
    const view = this.#deliver(ping);
    if (view === undefined) return;
    const promoted = view.primary === server.server && before.primary !== server.server;
    if (promoted && view.viewnum > 1) this.#holdsEverything(server);
    if (!answerLost) {
      server.learn(view);
      if (view.primary === server.server) this.#viewsHeard.add(nameOf(view));
    }
    this.#collect(server);
  }

  #replay(age: number): void {
    const ping = this.#sent.at(-1 - age);
    if (ping !== undefined) this.#deliver(ping);
  }

  /** One ping to the monitor, and what may come of it at most. */
  #deliver(ping: Ping): View | undefined {
    const before = this.monitor.view;
    const wasSafe = this.monitor.state?.safe;
    const { answer, notices } = this.monitor.ping(ping, this.now);
    const after = this.monitor.view;
    this.#checkStep(
      before,
      after,
      notices.some((notice) => notice.kind === 'view'),
    );
    if (before.viewnum > 0 && after.viewnum === before.viewnum + 1 && after.primary !== before.primary) {
      expect(after.primary, 'is promoted at its own ping (V8)').to.equal(ping.server);
      expect(wasSafe, 'was safe before (V3)').to.include(after.primary);
      expect(before.syncing, 'was not syncing (V3)').to.not.include(after.primary);
    }
    return answer.kind === 'view' ? answer.view : undefined;
  }

  #checkStep(before: View, after: View, told: boolean): void {
    if (after.viewnum === before.viewnum) {
      expect({ ...after, syncing: [] }, 'one number is one view').to.deep.equal({ ...before, syncing: [] });
      if (before.syncing.length > 0)
        expect([before.syncing, []], 'all or none are in sync').to.deep.include(after.syncing);
      return;
    }
    if (after.viewnum === 0) return; // the state was old: it listens again (V12)
    expect(told, 'a change of view is told').to.equal(true);
    // A monitor that loses its state again, before the primary heard of what it had rebuilt, comes to the same numbers (V12).
    expect(this.#viewsHeard.has(nameOf(after)), `view ${nameOf(after)} is given once`).to.equal(false);
    if (before.viewnum === 0) return;
    expect(after.viewnum, 'V8').to.equal(before.viewnum + 1);
    expect([before.primary, ...before.backups], 'V8').to.include(after.primary);
  }

  #replicate(from: ModelServer, to: ModelServer): void {
    if (from === to || !from.alive) return;
    from.replicateTo(to);
    this.#collect(from);
  }

  /** What this primary can commit now has to go on from everything committed before. */
  #collect(primary: ModelServer): void {
    const now = primary.committed();
    const before = this.#committedBy(primary);
    const length = Math.min(now.length, before.length);
    if (!agree(now, before, length)) {
      expect(now.slice(0, length), `${primary.server} goes on from what was committed`).to.deep.equal(
        before.slice(0, length),
      );
    }
    if (now.length > before.length) this.committed.set(primary.view?.cluster ?? '', now);
  }

  #holdsEverything(server: ModelServer): void {
    const committed = this.#committedBy(server);
    if (agree(server.log, committed, committed.length)) return;
    const held = server.log.slice(0, committed.length);
    expect(held, `${server.server} is promoted and holds everything`).to.deep.equal(committed);
  }

  #committedBy(server: ModelServer): readonly Entry[] {
    return this.committed.get(server.view?.cluster ?? '') ?? [];
  }
}

function nameOf({ viewnum, cluster }: View): string {
  return `${cluster} ${viewnum}`;
}

/** Copies of a log share their entries. */
function agree(one: readonly Entry[], other: readonly Entry[], length: number): boolean {
  for (let index = 0; index < length; index++) if (one[index] !== other[index]) return false;
  return true;
}
