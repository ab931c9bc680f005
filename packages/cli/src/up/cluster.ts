/** A whole cluster on this machine: the monitor and the servers as child processes, kept alive until told to stop. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, Timer } from '@understudy/rpc';
import { CommandFailure } from '../exit.ts';
import type { LogRecord } from '../log.ts';
import { Child, type ChildEnd } from './child.ts';
import type { Dated } from './sequence.ts';

/** A dead process comes back after this long, so that one sees what its death does. */
export const RESTART_AFTER_MS = 2_000;
/** A process that was told to stop has this long; one that stands still hears nothing. */
const PATIENCE_MS = 2_000;

export interface ClusterOptions {
  readonly servers: number;
  readonly backups: number;
  /** Of the monitor; the servers take the ones that follow. 0: any that are free. */
  readonly port: number;
  /** Whether a process that died is started again. */
  readonly restart: boolean;
  /** Whether the processes serve the web page. */
  readonly dashboard: boolean;
  /** Where each process keeps its data, in a directory of its own. */
  readonly data?: string;
}

export interface Member {
  readonly service: 'monitor' | 'server';
  readonly address: string;
  readonly pid: number;
}

/** What happens in the cluster, and when on the wall clock. */
export type Happening = Dated & Event;

type Event =
  | { readonly kind: 'started'; readonly member: Member; readonly again: boolean }
  | { readonly kind: 'log'; readonly member: Member; readonly record: LogRecord }
  | {
      readonly kind: 'ended';
      readonly member: Member;
      readonly end: ChildEnd;
      /** Whether it starts again, and what it then has. */
      readonly restarts: 'no' | 'empty' | 'with-data';
    }
  | { readonly kind: 'not-restarted'; readonly member: Member; readonly reason: string };

export class LocalCluster {
  readonly #options: ClusterOptions;
  readonly #clock: Clock;
  readonly #onHappening: (happening: Happening) => void;
  readonly #children = new Set<Child>();
  readonly #restarts = new Set<Timer>();
  #monitor = '';
  #isStopping = false;

  constructor(options: ClusterOptions, clock: Clock, onHappening: (happening: Happening) => void) {
    this.#options = options;
    this.#clock = clock;
    this.#onHappening = onHappening;
  }

  /** Resolves with the members, the monitor first, once all of them listen; rejects where one cannot. */
  async start(): Promise<readonly Member[]> {
    const { servers, port } = this.#options;
    const monitor = await this.#launch('monitor', port, this.#isKnown() ? [] : ['--new']);
    this.#monitor = monitor.address;
    const members = [monitor];
    for (let number = 1; number <= servers; number += 1) {
      members.push(await this.#launch('server', port === 0 ? 0 : port + number));
    }
    return members;
  }

  /** Ends every process; resolves when all are gone. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const restart of this.#restarts) restart.cancel();
    const patience = this.#clock.after(PATIENCE_MS, () => this.kill());
    await Promise.all([...this.#children].map((child) => child.stop()));
    patience.cancel();
  }

  /** Ends every process at once. */
  kill(): void {
    this.#isStopping = true;
    for (const child of this.#children) child.kill();
  }

  async #launch(
    service: Member['service'],
    port: number,
    more: readonly string[] = [],
    again = false,
  ): Promise<Member> {
    if (this.#isStopping) throw new CommandFailure('the cluster is being stopped');
    const before: LogRecord[] = [];
    let member: Member | undefined;
    const child = new Child([...this.#argumentsOf(service, port), ...more], (record) => {
      if (member === undefined) before.push(record);
      else this.#tellRecord(member, record);
    });
    this.#children.add(child);
    void child.ended.then(() => this.#children.delete(child));
    member = { service, address: await child.listening, pid: child.pid };
    this.#tell({ kind: 'started', member, again });
    for (const record of before) this.#tellRecord(member, record);
    const launched = member;
    void child.ended.then((end) => this.#onEnd(launched, end));
    return member;
  }

  #argumentsOf(service: Member['service'], port: number): readonly string[] {
    const page = this.#options.dashboard ? [] : ['--no-dashboard'];
    const listen = ['--listen', `127.0.0.1:${port}`, ...this.#dataOf(service, port), ...page];
    if (service === 'server') return ['server', ...listen, '--monitor', this.#monitor];
    return ['monitor', ...listen, '--backups', String(this.#options.backups)];
  }

  /** A server's name is its address: so its port names its data. */
  #dataOf(service: Member['service'], port: number): readonly string[] {
    const { data } = this.#options;
    return data === undefined ? [] : ['--data', join(data, service === 'monitor' ? 'monitor' : `server-${port}`)];
  }

  /** A cluster has run here before. */
  #isKnown(): boolean {
    const { data } = this.#options;
    return data !== undefined && existsSync(join(data, 'monitor'));
  }

  #onEnd(member: Member, end: ChildEnd): void {
    if (this.#isStopping) return;
    // One that ended with an error would only do so again.
    const { restart, data } = this.#options;
    const isWorthwhile = restart && (end.signal !== null || end.code === 0);
    const restarts = !isWorthwhile ? 'no' : data === undefined ? 'empty' : 'with-data';
    this.#tell({ kind: 'ended', member, end, restarts });
    if (restarts === 'no') return;
    const timer = this.#clock.after(RESTART_AFTER_MS, () => {
      this.#restarts.delete(timer);
      void this.#restart(member);
    });
    this.#restarts.add(timer);
  }

  async #restart(member: Member): Promise<void> {
    const port = Number(member.address.split(':').at(-1));
    try {
      await this.#launch(member.service, port, [], true);
    } catch (error) {
      this.#tell({ kind: 'not-restarted', member, reason: (error as Error).message });
    }
  }

  #tellRecord(member: Member, record: LogRecord): void {
    this.#tell({ kind: 'log', member, record }, record.atMs);
  }

  /** Of a cluster that is being stopped there is nothing more to tell. */
  #tell(event: Event, atMs: number = this.#clock.wallNow()): void {
    if (!this.#isStopping) this.#onHappening({ ...event, atMs });
  }
}
