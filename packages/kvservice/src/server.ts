/** A server of the key/value service: a replica with its clock, its connections, its disk and its pings. */
import {
  AbortWatch,
  type Address,
  BrokenInvariant,
  type CallObserver,
  type Listener,
  type Method,
  malformed,
  newIncarnation,
  Refusals,
  type Timer,
  UnderstudyError,
} from '@understudy/rpc';
import { confirmedServers, MonitorClient, type View } from '@understudy/sysmonitor';
import { Caller } from './client/caller.ts';
import { conflictOf } from './conflict.ts';
import type { ServerStatus } from './contract.ts';
import type { Effect } from './core/effect.ts';
import type { Event, Instant } from './core/event.ts';
import { Replica } from './core/replica.ts';
import { type Door, methodsOf } from './methods.ts';
import type { ServerNotice } from './notice.ts';
import { type ServerOptions, type ServerSettings, settingsOf } from './options.ts';
import { Outside } from './outside.ts';
import { Performer } from './performer.ts';
import { monitorPatienceMs, Pinger } from './pinger.ts';
import { ServerDisk } from './store/server-disk.ts';

/**
 * Starts a server: it listens, reads its data, then pings. Rejects with INVALID_PARAMS for a wrong option or another
 * server's data, and if the address or `dataDir` cannot be used (STORE_IN_USE, STORE_FAILED, STORE_FOREIGN).
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const server = new RunningServer(settingsOf(options));
  await server.start();
  return server;
}

export interface Server {
  /** The address that identifies this server. */
  readonly address: Address;
  readonly role: 'idle' | 'primary' | 'backup';
  /** The newest view that the server knows. */
  readonly view: View;
  status(): ServerStatus;
  /** Leaves (V14): hands over if it is primary, and resolves when it has ended. Returns what is lost, or "". */
  close(): Promise<string>;
  /** Ends at once, without telling the monitor, like a crash. */
  kill(): Promise<void>;
  /** Resolves when the server has ended, with the reason if it was not asked to end. */
  readonly ended: Promise<string>;
}

/** Methods that only other servers may call. */
const PEER_METHODS = ['kv.prepare', 'kv.piece', 'kv.chunk', 'kv.release'];

/** How long a leaving server waits for the answers to requests that it has passed on. */
const LAST_ANSWERS_MS = 1_000;

class RunningServer implements Server {
  readonly ended: Promise<string>;
  readonly #settings: ServerSettings;
  readonly #monitor: MonitorClient;
  readonly #caller: Caller;
  readonly #performer: Performer;
  readonly #methods: Readonly<Record<string, Method>>;
  readonly #outside: Outside;
  readonly #refusals: Refusals;
  #listener: Listener | undefined;
  #disk: ServerDisk | undefined;
  #replica: Replica | undefined;
  #pinger: Pinger | undefined;
  #tick: Timer | undefined;
  #turnEnds = false;
  #isOver = false;
  #address: Address = '';
  #left = { held: true, lost: '', holder: '' };
  #end: (reason: string) => void = () => {};

  constructor(settings: ServerSettings) {
    this.#settings = settings;
    this.#monitor = new MonitorClient({
      monitors: settings.monitors,
      world: settings.world,
      timeoutMs: monitorPatienceMs(settings.pingIntervalMs),
    });
    const { world, ownsWorld } = settings;
    this.#refusals = new Refusals(world.clock, (told) => this.#notice(told));
    this.#caller = new Caller({ transport: world.transport, isOwn: ownsWorld, aborts: new AbortWatch() });
    this.#performer = new Performer({
      caller: this.#caller,
      identityPatienceMs: settings.deadPings * settings.pingIntervalMs,
      instant: () => this.#instant(),
      step: (event) => this.#step(event),
      persist: (write) => this.#disk?.write(write),
      ping: () => this.#pinger?.ping(),
      view: () => this.#monitor.view(),
      notice: (notice) => this.#notice(notice),
      refused: (refused) => this.#refusals.note(refused),
      left: ({ held, lost, holder }) => {
        this.#left = { held, lost, holder };
        void this.#goodbye();
      },
    });
    const door: Door = {
      step: (event) => this.#step(event),
      status: () => this.status(),
      identity: (secret) => this.#living.identity(secret),
      onMalformed: (method, from, reason) => this.#refusals.note(malformed(method, from, reason)),
      batch: {
        bounds: settings.bounds,
        clock: world.clock,
        onOperation: (...told: Parameters<CallObserver['answered']>) => this.#outside.observer.answered(...told),
      },
      cluster: () => this.#monitor.status(),
    };
    this.#methods = methodsOf(door);
    this.#outside = new Outside({
      settings,
      door,
      methods: this.#methods,
      own: () => this.#address,
      inspection: () => this.#living.inspection,
      refusals: this.#refusals.counts,
      servers: async () => confirmedServers(await this.#monitor.status()),
    });
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get address(): Address {
    return this.#address;
  }

  get role(): ServerStatus['role'] {
    return this.status().role;
  }

  get view(): View {
    return this.status().view;
  }

  status(): ServerStatus {
    return this.#living.status();
  }

  async start(): Promise<void> {
    const { world, listen, advertise } = this.#settings;
    this.#listener = await world.transport.listen({
      address: listen,
      methods: this.#methods,
      peerMethods: PEER_METHODS,
      ...this.#outside.shown,
    });
    this.#address = advertise ?? this.#listener.address;
    try {
      this.#disk = await this.#openDisk();
    } catch (error) {
      await this.#stop(`disk: ${(error as Error).message}`);
      throw error;
    }
    this.#begin();
    this.#scheduleTick();
  }

  async close(): Promise<string> {
    this.#step({ kind: 'leave' });
    await this.ended;
    return this.#left.lost;
  }

  async kill(): Promise<void> {
    await this.#stop('');
  }

  get #living(): Replica {
    if (this.#replica === undefined) throw new UnderstudyError('NOT_READY', 'the server has not started yet');
    return this.#replica;
  }

  async #openDisk(): Promise<ServerDisk | undefined> {
    const { world, dataDir, limits, maxMemory: maxBytes } = this.#settings;
    if (dataDir === undefined) return undefined;
    const { disk } = world;
    const server = this.#address;
    const onNotice = (notice: ServerNotice): void => this.#notice(notice);
    return ServerDisk.open({ disk, directory: dataDir, server, limits, maxBytes, onNotice });
  }

  /** Starts the replica from the data on disk. */
  #begin(): void {
    const { world, pingIntervalMs, priority, minBackups, deadPings, leaseMs, limits } = this.#settings;
    const { sessionTtlMs, leaveTimeoutMs, maxMemory: maxBytes } = this.#settings;
    const timing = { pingIntervalMs, deadPings, leaseMs, sessionTtlMs, leaveTimeoutMs };
    const restored = this.#disk?.restored;
    const incarnation = newIncarnation(world, restored?.meta?.incarnation);
    const secret = Buffer.from(world.random.bytes(16)).toString('base64url');
    const config = { server: this.#address, incarnation, secret, priority, minBackups, ...timing, maxBytes, limits };
    const replica = new Replica(config, restored);
    this.#disk?.begin({
      clock: world.clock,
      onDurable: (number) => this.#step({ kind: 'persisted', number }),
      onFailure: (error) => void this.#stop(`disk: ${error.message}`),
    });
    this.#replica = replica;
    this.#pinger = new Pinger({
      world,
      monitor: this.#monitor,
      pingIntervalMs,
      silenceMs: deadPings * pingIntervalMs,
      report: () => replica.report(),
      cluster: () => replica.inspection.view.cluster,
      onView: (viewnum, { view, alone }) => this.#step({ kind: 'pinged', viewnum, view, alone: alone === true }),
      onConflict: (error) => this.#onConflict(error),
      onNotice: (notice) => this.#notice(notice),
    });
    this.#pinger.start();
    this.#endTurnLater();
  }

  #step(event: Event): void {
    if (this.#isOver) return;
    const replica = this.#living;
    let effects: readonly Effect[];
    try {
      effects = replica.step(event, this.#instant());
    } catch (error) {
      // A broken invariant stops the server, so that it never answers wrongly. So does any other unexpected error.
      void this.#stop(
        error instanceof BrokenInvariant ? `broken invariant: ${error.message}` : `defect: ${String(error)}`,
      );
      return;
    }
    this.#settings.onStep?.({ event, effects, replica: replica.inspection });
    this.#performer.perform(effects);
    // A tick ends the turn itself.
    if (event.kind !== 'turn-end' && event.kind !== 'tick') this.#endTurnLater();
  }

  #instant(): Instant {
    const { clock } = this.#settings.world;
    return { now: clock.now(), wall: clock.wallNow() };
  }

  #endTurnLater(): void {
    if (this.#turnEnds) return;
    this.#turnEnds = true;
    this.#settings.world.clock.endOfTurn(() => {
      this.#turnEnds = false;
      this.#step({ kind: 'turn-end' });
    });
  }

  #scheduleTick(): void {
    if (this.#isOver) return;
    this.#tick = this.#settings.world.clock.after(this.#settings.pingIntervalMs / 4, () => {
      this.#scheduleTick();
      this.#step({ kind: 'tick' });
    });
  }

  #onConflict(error: UnderstudyError): void {
    const { inspection, isStarting } = this.#living;
    const own = { world: this.#settings.world, incarnation: inspection.incarnation, isStarting };
    const conflict = conflictOf(error, own);
    if (conflict.kind === 'outnumbered') this.#step(conflict);
    if (conflict.kind === 'replaced') void this.#stop(`another process serves as ${this.#address}: ${error.message}`);
    if (conflict.kind === 'unreadable') this.#refusals.note(malformed('sysmonitor.ping', 'monitor', conflict.reason));
  }

  async #goodbye(): Promise<void> {
    await this.#pinger?.finish();
    await this.#outside.drain(LAST_ANSWERS_MS);
    await this.#stop('');
  }

  /** Stops. The last answers leave before the listener closes. */
  async #stop(reason: string): Promise<void> {
    if (this.#isOver) return this.ended.then(() => {});
    this.#isOver = true;
    this.#tick?.cancel();
    this.#pinger?.stop();
    const notice: ServerNotice = { kind: 'stopped', reason, ...this.#left };
    this.#outside.notice(notice);
    await this.#outside.close();
    await this.#listener?.close();
    await this.#monitor.close();
    await this.#caller.close();
    await this.#disk?.close();
    this.#settings.onNotice(notice);
    this.#end(reason);
  }

  #notice(notice: ServerNotice): void {
    this.#outside.notice(notice);
    this.#settings.onNotice(notice);
  }
}
