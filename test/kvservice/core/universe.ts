/** A monitor's core, replicas and clients under a random schedule: messages late, lost, twice and out of order, crashes, cuts, pauses. */

import type { Ping, View } from '@understudy/sysmonitor';
import type { Effect } from '../../../packages/kvservice/src/core/effect.ts';
import { MonitorCore } from '../../../packages/sysmonitor/src/core/monitor.ts';
import { Register } from '../../support/cluster/register.ts';
import { Stage } from './stage.ts';

export interface Dice {
  /** A number from [0, 1). */
  roll(): number;
}

/** Mulberry32. */
export function diceOf(seed: number): Dice {
  let state = seed >>> 0;
  return {
    roll: () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
  };
}

interface Client {
  readonly name: string;
  session: string | undefined;
  seq: number;
  /** The operation under way; it is tried again until it has an answer. */
  trying:
    | { readonly kind: 'open' | 'append' | 'get'; readonly token: string; since: number; tries: number }
    | undefined;
}

export class Universe {
  readonly stage: Stage;
  readonly register = new Register();
  readonly views: View[] = [];
  /** What went with a server that could wait no longer for somebody to take over. */
  lost = '';
  readonly #dice: Dice;
  readonly #servers: readonly string[];
  readonly #runs = new Map<string, number>();
  readonly #seqs = new Map<string, number>();
  readonly #paused = new Set<string>();
  readonly #cut = new Set<string>();
  readonly #leaving = new Set<string>();
  readonly #clients: Client[];
  readonly #monitor: MonitorCore;
  readonly #wild: {
    readonly loss: number;
    readonly crash: number;
    readonly cut: number;
    readonly pause: number;
    readonly leave: number;
  };
  readonly trace: string[] = [];
  #monitorMail: { readonly server: string; readonly run: number; readonly ping: Ping }[] = [];
  #tokens = 0;
  /** Counts what clients see: time stands still between some steps. */
  #order = 0;
  #healed = false;

  constructor(seed: number) {
    this.#dice = diceOf(seed);
    const draw = (most: number) => (this.#dice.roll() < 0.4 ? 0 : this.#dice.roll() * most);
    this.#wild = { loss: draw(0.3), crash: draw(0.01), cut: draw(0.02), pause: draw(0.02), leave: draw(0.003) };
    this.#servers = ['A', 'B', 'C', 'D'].slice(0, 2 + Math.floor(this.#dice.roll() * 3));
    const backups = 1 + Math.floor(this.#dice.roll() * 2);
    this.stage = new Stage({
      limits: {
        retainedEntries: 1 + Math.floor(this.#dice.roll() * 30),
        chunkUnits: 400,
        prepareEntries: 4,
        window: 3,
      },
    });
    const now = this.stage.now;
    this.#monitor = new MonitorCore({
      backups,
      pingInterval: 100,
      deadPings: 5,
      newCluster: true,
      newClusterId: 'cluster',
      now,
    });
    for (const server of this.#servers) this.#boot(server);
    this.#clients = ['x', 'y', 'z'].map((name) => ({ name, session: undefined, seq: 0, trying: undefined }));
  }

  /** Random steps with everything going wrong, then a quiet time in which every operation must come to its end. */
  run(steps: number): void {
    for (let count = 0; count < steps; count++) this.#randomStep();
    this.#heal();
    for (let count = 0; count < 40_000; count++) {
      this.#randomStep();
      if (count > 3000 && this.#clients.every((client) => client.trying === undefined)) break;
    }
    for (const { name, trying } of this.#clients) {
      if (trying !== undefined && this.lost === '')
        throw new Error(`no answer for ${name}'s ${trying.kind} after everything was healed`);
    }
    this.register.check();
  }

  /** What everybody thinks now, for the report of a failure. */
  describe(): string {
    const monitor = JSON.stringify(this.#monitor.state);
    const servers = this.#servers.map((server) => {
      const { role, view, ready, position, commitIndex, incarnation, backups } = this.stage.replica(server).status();
      const seat = `${role} in view ${view.viewnum} of ${view.primary} [${view.backups}] syncing [${view.syncing}]`;
      const log = `(${position.viewnum},${position.index}) committed ${commitIndex}`;
      return `${incarnation} ${seat} ${ready ? 'ready' : 'not ready'} ${log} ${JSON.stringify(backups)} says ${JSON.stringify(this.stage.report(server))}`;
    });
    return [`monitor ${monitor}`, ...servers, ...this.trace.slice(-40)].join('\n');
  }

  #randomStep(): void {
    const choice = this.#dice.roll();
    if (choice < 0.5) this.#deliverSomething();
    else if (choice < 0.62) this.#turn(this.#pick(this.#servers));
    else if (choice < 0.72) this.#clientStep(this.#pick(this.#clients));
    else if (choice < 0.8) this.#monitorMailStep();
    else this.#time();
    if (!this.#healed) this.#mischief();
  }

  #time(): void {
    const before = this.stage.now;
    this.stage.now += this.#dice.roll() * 10;
    if (Math.floor(this.stage.now / 25) > Math.floor(before / 25)) {
      for (const server of this.#alive()) this.#perform(server, this.stage.step(server, { kind: 'tick' }));
    }
    if (Math.floor(this.stage.now / 100) > Math.floor(before / 100)) {
      this.#monitor.tick(this.stage.now);
      for (const server of this.#alive()) this.#ping(server);
    }
  }

  #turn(server: string): void {
    if (!this.#paused.has(server)) this.#perform(server, this.stage.step(server, { kind: 'turn-end' }));
  }

  #deliverSomething(): void {
    const { mail } = this.stage;
    if (mail.length === 0) return;
    // Mostly the oldest; now and then any.
    const index = this.#dice.roll() < 0.8 ? 0 : Math.floor(this.#dice.roll() * mail.length);
    const [letter] = mail.splice(index, 1);
    if (letter === undefined) return;
    const { from, to } = letter;
    const isOfNow = letter.runs === undefined || letter.runs === this.#runsOf(from, to);
    if (!isOfNow) {
      // One of the two has restarted since: whoever sent a message and is still the same hears nothing.
      if ('message' in letter.content && this.#isRun(from, letter.runs)) this.#perform(from, this.stage.lose(letter));
      else if ('answer' in letter.content && this.#isRun(to, letter.runs)) this.#perform(to, this.stage.lose(letter));
      return;
    }
    if (this.#paused.has(to)) {
      mail.push(letter);
      return;
    }
    const isLost = this.#cut.has(`${from}>${to}`) || (!this.#healed && this.#dice.roll() < this.#wild.loss);
    if (isLost) {
      const waits = 'message' in letter.content ? from : to;
      if (!this.#paused.has(waits)) this.#perform(waits, this.stage.lose(letter));
      else mail.push(letter);
      return;
    }
    if (
      'message' in letter.content &&
      letter.content.message.kind !== 'position' &&
      !this.#healed &&
      this.#dice.roll() < 0.05
    ) {
      mail.push({ ...letter, twice: true });
    }
    this.#perform(to, this.stage.deliver(letter));
  }

  #ping(server: string): void {
    const seq = (this.#seqs.get(server) ?? 0) + 1;
    this.#seqs.set(server, seq);
    const ping = JSON.parse(JSON.stringify({ ...this.stage.report(server), seq })) as Ping;
    this.#monitorMail.push({ server, run: this.#runs.get(server) ?? 0, ping });
  }

  #monitorMailStep(): void {
    const index = this.#dice.roll() < 0.8 ? 0 : Math.floor(this.#dice.roll() * this.#monitorMail.length);
    const [letter] = this.#monitorMail.splice(index, 1);
    if (letter === undefined || this.#cut.has(`${letter.server}>monitor`) || this.#lost()) return;
    const { answer } = this.#monitor.ping(letter.ping, this.stage.now);
    this.#noteView();
    const isGone = letter.run !== this.#runs.get(letter.server) || this.#paused.has(letter.server);
    if (isGone || this.#cut.has(`monitor>${letter.server}`) || this.#lost()) return;
    if (answer.kind === 'failure') {
      if (letter.ping.viewnum > 0 && answer.failure.name === 'CONFLICTING_SERVER') this.#boot(letter.server);
      return;
    }
    const { view, alone = false } = answer;
    const event = { kind: 'pinged', viewnum: letter.ping.viewnum, view, alone } as const;
    this.#perform(letter.server, this.stage.step(letter.server, event));
  }

  #lost(): boolean {
    return !this.#healed && this.#dice.roll() < this.#wild.loss;
  }

  #noteView(): void {
    const { view } = this.#monitor;
    if (view.viewnum === (this.views.at(-1)?.viewnum ?? 0)) return;
    this.views.push(view);
    this.trace.push(
      `${this.stage.now.toFixed(0)} view ${view.viewnum}: ${view.primary} [${view.backups}] syncing [${view.syncing}]`,
    );
  }

  #clientStep(client: Client): void {
    const now = this.stage.now;
    if (client.trying === undefined) {
      if (this.#healed && this.#dice.roll() < 0.95) return;
      const kind = client.session === undefined ? 'open' : this.#dice.roll() < 0.5 ? 'append' : 'get';
      if (kind === 'append') client.seq += 1;
      const token = `${client.name}${++this.#tokens}.`;
      client.trying = { kind, token, since: -Infinity, tries: 0 };
      if (kind !== 'open') this.register.begins(kind, token, this.#order++);
    } else if (now - client.trying.since < 150) {
      return;
    }
    const { trying } = client;
    trying.since = now;
    trying.tries += 1;
    const server = this.#pick(this.#servers);
    if (this.#paused.has(server)) return;
    const requester = `${client.name}/${trying.token}/${trying.tries}`;
    const { session = '', seq } = client;
    if (trying.kind === 'get') {
      const consistency = this.#dice.roll() < 0.3 ? ('linearizable' as const) : undefined;
      this.#perform(
        server,
        this.stage.step(server, { kind: 'read', requester, query: { kind: 'get', key: 'k' }, consistency }),
      );
    } else {
      const operation =
        trying.kind === 'open'
          ? ({ kind: 'openSession', client: client.name } as const)
          : ({ kind: 'append', key: 'k', value: trying.token } as const);
      const origin = trying.kind === 'open' ? undefined : { session, seq, acked: seq - 1 };
      this.#perform(server, this.stage.step(server, { kind: 'write', requester, operation, origin }));
    }
  }

  #perform(server: string, effects: readonly Effect[]): void {
    for (const letter of this.stage.mail)
      if (letter.runs === undefined) letter.runs = this.#runsOf(letter.from, letter.to);
    for (const effect of effects) {
      if (effect.kind === 'ping') this.#ping(server);
      if (effect.kind === 'left') {
        if (effect.lost !== '') this.lost = effect.lost;
        this.#boot(server);
        return;
      }
      const answered =
        effect.kind === 'leased' ? effect.read.requester : effect.kind === 'result' ? effect.requester : undefined;
      if (typeof answered === 'string' && 'result' in effect) this.#answered(answered, effect.result);
      if (effect.kind === 'failure' && typeof effect.requester === 'string')
        this.#refused(effect.requester, effect.failure.name);
    }
  }

  #answered(requester: string, result: object): void {
    const [name, token] = requester.split('/');
    const client = this.#clients.find((candidate) => candidate.name === name);
    if (client?.trying === undefined || client.trying.token !== token) return;
    const { kind } = client.trying;
    client.trying = undefined;
    if (kind === 'open') client.session = (result as { session: string }).session;
    else
      this.register.ends(
        kind,
        token ?? '',
        this.#order++,
        kind === 'get' ? ((result as { value: string | null }).value ?? '') : '',
      );
  }

  #refused(requester: string, name: string): void {
    if (name === 'SESSION_UNKNOWN' || name === 'RESULT_DROPPED') throw new Error(`${requester} was refused: ${name}`);
  }

  #mischief(): void {
    const { crash, cut, pause, leave } = this.#wild;
    const server = this.#pick(this.#servers);
    if (this.#dice.roll() < crash && this.#othersHoldTheData(server)) this.#boot(server);
    if (this.#dice.roll() < cut) {
      const [from, to] = [this.#pick([...this.#servers, 'monitor']), this.#pick([...this.#servers, 'monitor'])];
      this.#cut.add(`${from}>${to}`);
      if (this.#dice.roll() < 0.5) this.#cut.add(`${to}>${from}`);
    }
    if (this.#dice.roll() < cut * 2) this.#cut.clear();
    if (this.#dice.roll() < pause) this.#paused.add(server);
    if (this.#dice.roll() < 0.02) this.#paused.clear();
    if (this.#dice.roll() < leave && !this.#paused.has(server) && this.#othersHoldTheData(server)) {
      this.trace.push(`${this.stage.now.toFixed(0)} ${server} leaves`);
      this.#leaving.add(server);
      this.#forgetPings(server);
      this.#perform(server, this.stage.step(server, { kind: 'leave' }));
    }
  }

  /** Somebody else may be promoted, or was never needed: losing this server loses nothing. */
  #othersHoldTheData(server: string): boolean {
    const state = this.#monitor.state;
    // The first server may be given view 1 by any ping that it has sent.
    if (state === undefined) return false;
    if (!state.safe.includes(server)) return true;
    return state.safe.some((other) => {
      const seat = state.seats.find((candidate) => candidate.server === other);
      return (
        other !== server &&
        !this.#leaving.has(other) &&
        !this.#paused.has(other) &&
        this.#isHeard(other) &&
        seat !== undefined &&
        !seat.lostData &&
        seat.incarnation === `${other}#${this.#runs.get(other)}`
      );
    });
  }

  #isHeard(server: string): boolean {
    const sighting = this.#monitor.status(this.stage.now).servers.find((candidate) => candidate.server === server);
    return sighting?.condition !== undefined && sighting.condition !== 'silent';
  }

  /** A ping that outlives its sender can take out or promote somebody: with a second failure, that may cost the data. */
  #forgetPings(server: string): void {
    if (this.#monitor.state?.safe.includes(server) !== true) return;
    this.#monitorMail = this.#monitorMail.filter((letter) => letter.server !== server);
  }

  #boot(server: string): void {
    this.#forgetPings(server);
    const run = (this.#runs.get(server) ?? 0) + 1;
    this.#runs.set(server, run);
    this.#paused.delete(server);
    this.#leaving.delete(server);
    this.stage.start(server, run);
    this.trace.push(`${this.stage.now.toFixed(0)} ${server} starts as run ${run}`);
    this.#ping(server);
  }

  #heal(): void {
    this.#healed = true;
    this.#cut.clear();
    this.#paused.clear();
    this.trace.push(`${this.stage.now.toFixed(0)} healed`);
  }

  #alive(): readonly string[] {
    return this.#servers.filter((server) => !this.#paused.has(server));
  }

  #runsOf(from: string, to: string): string {
    return `${from}#${this.#runs.get(from)} ${to}#${this.#runs.get(to)}`;
  }

  #isRun(server: string, runs: string | undefined): boolean {
    return runs?.split(' ').includes(`${server}#${this.#runs.get(server)}`) ?? true;
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#dice.roll() * from.length)] as T;
  }
}
