/**
 * A whole cluster on this machine: the monitor and the servers as child processes, which are restarted until told to
 * stop.
 */
import { existsSync } from 'node:fs';
import type { Clock } from '@understudy/rpc';
import { isDashboard } from '../dashboard.ts';
import { CommandFailure } from '../exit.ts';
import type { LogRecord } from '../log.ts';
import { isStarting } from '../starting.ts';
import { Child, type ChildEnd } from './child.ts';
import { directoryOf } from './data-directory.ts';
import { type Member, Seat } from './seat.ts';
import type { Dated } from './sequence.ts';

/** A dead process is restarted after this time, so that the effect of its death is visible. */
export const RESTART_AFTER_MS = 2_000;
/** How long a process gets to stop. A paused process does not react at all. */
const PATIENCE_MS = 2_000;

export interface ClusterOptions {
  readonly servers: number;
  readonly backups: number;
  /** The monitor's port. The servers take the following ones. 0: any free ports. */
  readonly port: number;
  /** Whether a process that died is started again. */
  readonly restart: boolean;
  /** Whether the processes serve the web page. */
  readonly dashboard: boolean;
  /** The address of the control of `--chaos`. */
  readonly control?: string;
  /** Called with every process as soon as it exists. */
  readonly onChild?: (seat: Seat, child: Child) => void;
  /** The directory in which each process keeps its data, in a subdirectory of its own. */
  readonly data?: string;
}

/** An event in the cluster, with its time on the wall clock. */
export type Happening = Dated & Event;

type Event =
  | { readonly kind: 'started'; readonly member: Member; readonly again: boolean }
  | { readonly kind: 'log'; readonly member: Member; readonly record: LogRecord }
  | {
      readonly kind: 'ended';
      readonly member: Member;
      readonly end: ChildEnd;
      /** Whether it starts again, and with which data. */
      readonly restarts: 'no' | 'empty' | 'with-data';
    }
  | { readonly kind: 'not-restarted'; readonly member: Member; readonly reason: string };

export class LocalCluster {
  readonly #options: ClusterOptions;
  readonly #clock: Clock;
  readonly #onHappening: (happening: Happening) => void;
  #seats: readonly Seat[] = [];
  #isStopping = false;

  constructor(options: ClusterOptions, clock: Clock, onHappening: (happening: Happening) => void) {
    this.#options = options;
    this.#clock = clock;
    this.#onHappening = onHappening;
  }

  /** The monitor first. */
  get seats(): readonly Seat[] {
    return this.#seats;
  }

  /** Resolves with the members, the monitor first, once all of them listen. Rejects if one cannot. */
  async start(): Promise<readonly Member[]> {
    const { servers, port } = this.#options;
    const portOf = (number: number): number => (port === 0 ? 0 : port + number);
    const monitor = new Seat('monitor', port);
    const others = Array.from({ length: servers }, (_, index) => new Seat('server', portOf(index + 1)));
    this.#seats = [monitor, ...others];
    const members = [await this.#launch(monitor, this.#isKnown() ? [] : ['--new'])];
    for (const seat of others) members.push(await this.#launch(seat));
    return members;
  }

  /** Kills the process, if there is one, and starts another. Resolves when that one listens, or has failed to. */
  async restart(seat: Seat): Promise<void> {
    if (seat.state === 'starting') throw new CommandFailure(`${seat.address} is starting already`);
    seat.restart?.cancel();
    if (seat.child !== undefined) await seat.kill();
    await this.#restart(seat);
  }

  /** Ends every process. Resolves when all are gone. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const { restart } of this.#seats) restart?.cancel();
    const patience = this.#clock.after(PATIENCE_MS, () => this.kill());
    await Promise.all(this.#seats.map((seat) => this.#stop(seat)));
    patience.cancel();
  }

  /** Ends every process at once. */
  kill(): void {
    this.#isStopping = true;
    for (const { child } of this.#seats) child?.kill();
  }

  async #stop(seat: Seat): Promise<void> {
    if (seat.isPaused) seat.child?.resume();
    await seat.child?.stop();
  }

  async #launch(seat: Seat, more: readonly string[] = [], again = false): Promise<Member> {
    if (this.#isStopping) throw new CommandFailure('the cluster is being stopped');
    const { service } = seat;
    const before: LogRecord[] = [];
    let member: Member | undefined;
    const child = new Child([...this.#argumentsOf(seat), ...more], (record) => {
      if (isDashboard(record) || isStarting(record)) return;
      if (member === undefined) before.push(record);
      else this.#tellRecord(member, record);
    });
    seat.child = child;
    seat.isBegun = true;
    seat.isPaused = false;
    seat.isHeld = false;
    void child.ended.then(() => {
      seat.child = undefined;
    });
    this.#options.onChild?.(seat, child);
    const launched = { service, address: await child.listening, pid: child.pid };
    member = launched;
    seat.member = member;
    seat.port = Number(member.address.split(':').at(-1));
    this.#tell({ kind: 'started', member, again });
    for (const record of before) this.#tellRecord(member, record);
    void child.ended.then((end) => this.#onEnd(seat, launched, end));
    return member;
  }

  #argumentsOf({ service, port }: Seat): readonly string[] {
    const listen = ['--listen', `127.0.0.1:${port}`, ...this.#dataOf(service, port), ...this.#pageOptions()];
    if (service === 'server') return ['server', ...listen, '--monitor', this.#seats[0]?.address ?? ''];
    return ['monitor', ...listen, '--backups', String(this.#options.backups)];
  }

  #pageOptions(): readonly string[] {
    const { dashboard, control } = this.#options;
    if (!dashboard) return ['--no-dashboard'];
    return control === undefined ? [] : ['--control', control];
  }

  #dataOf(service: Member['service'], port: number): readonly string[] {
    const { data } = this.#options;
    return data === undefined ? [] : ['--data', directoryOf(data, service, port)];
  }

  /** A cluster has run in this directory before. */
  #isKnown(): boolean {
    const { data } = this.#options;
    return data !== undefined && existsSync(directoryOf(data, 'monitor', this.#options.port));
  }

  #onEnd(seat: Seat, member: Member, end: ChildEnd): void {
    if (this.#isStopping) return;
    // A process that ended with an error would only fail again.
    const { restart, data } = this.#options;
    const isWorthwhile = restart && !seat.isHeld && (end.signal !== null || end.code === 0);
    const restarts = !isWorthwhile ? 'no' : data === undefined ? 'empty' : 'with-data';
    this.#tell({ kind: 'ended', member, end, restarts });
    if (restarts !== 'no') seat.restart = this.#clock.after(RESTART_AFTER_MS, () => void this.#restart(seat));
  }

  async #restart(seat: Seat): Promise<void> {
    const { member } = seat;
    try {
      await this.#launch(seat, [], true);
    } catch (error) {
      if (member !== undefined) this.#tell({ kind: 'not-restarted', member, reason: (error as Error).message });
    }
  }

  #tellRecord(member: Member, record: LogRecord): void {
    this.#tell({ kind: 'log', member, record }, record.atMs);
  }

  /** Nothing is reported of a cluster that is being stopped. */
  #tell(event: Event, atMs: number = this.#clock.wallNow()): void {
    if (!this.#isStopping) this.#onHappening({ ...event, atMs });
  }
}
