/** The client of the key/value service: finds the primary, tries until there is an answer, has every write done at most once. */
import { AbortWatch, realWorld, type World } from '@understudy/rpc';
import { MonitorClient, type View } from '@understudy/sysmonitor';
import { Caller } from './client/caller.ts';
import { closeSession } from './client/goodbye.ts';
import { Announcer } from './client/notice.ts';
import {
  APPEND,
  CAS,
  CAS_REVISION,
  DELETE,
  GET,
  OPEN_SESSION,
  OPEN_SNAPSHOT,
  PUT,
  PUT_HASH,
  READ,
  SCAN,
} from './client/operations.ts';
import {
  type KVClientOptions,
  type OperationOptions,
  type PageOptions,
  type ScanOptions,
  settingsOf,
} from './client/options.ts';
import { Pursuit } from './client/pursuit.ts';
import { Revisions } from './client/revisions.ts';
import { PAGE_SIZE, rangeOf, scanPages } from './client/scan.ts';
import { Sessions } from './client/sessions.ts';
import { Snapshot } from './client/snapshot.ts';
import { ViewCache } from './client/view-cache.ts';
import type { CasResult, GetResult, PutResult, ScanEntry, ScanResult } from './contract.ts';

/**
 * Any number of operations may be under way at once. Each tries on, through failovers, until it has an answer, the `timeout`
 * is over or the `signal` aborts; every failure is an UnderstudyError, whose `definite` says whether the operation is certainly
 * not done. Reads change nothing, so their failures are always definite.
 */
export class KVClient implements AsyncDisposable {
  readonly #monitors: MonitorClient;
  readonly #caller: Caller;
  readonly #views: ViewCache;
  readonly #sessions: Sessions;
  readonly #pursuit: Pursuit;
  /** Undefined: the client has a transport of its own. */
  readonly #world: World | undefined;
  #closing: Promise<void> | undefined = undefined;

  /** Sends nothing yet. Throws INVALID_PARAMS, naming the option, when one is wrong. */
  constructor(options: KVClientOptions) {
    const settings = settingsOf(options);
    const world = options.world ?? realWorld();
    const { clock, random, transport } = world;
    const aborts = new AbortWatch();
    const announcer = new Announcer(options.onNotice);
    const revisions = new Revisions();
    this.#world = options.world;
    this.#monitors = new MonitorClient({ monitors: options.monitors, world, timeoutMs: settings.tryTimeoutMs });
    this.#caller = new Caller({ transport, aborts, isOwn: options.world === undefined });
    this.#views = new ViewCache({
      clock,
      aborts,
      random,
      announcer,
      revisions,
      pingIntervalMs: settings.pingIntervalMs,
      view: options.view,
      askMonitor: (onLate) => this.#monitors.view({ onLate }),
      disagreement: () => this.#monitors.disagreement,
    });
    const client = nameOf(world);
    this.#sessions = new Sessions({
      clock,
      aborts,
      announcer,
      open: (signal) => this.#pursuit.run(OPEN_SESSION, { client }, { signal, timeout: Infinity }),
    });
    this.#pursuit = new Pursuit({
      settings,
      clock,
      aborts,
      random,
      announcer,
      revisions,
      caller: this.#caller,
      views: this.#views,
      sessions: this.#sessions,
    });
  }

  /** The newest view that the client knows; before it asked for one: viewnum 0, primary "". */
  get view(): View {
    return this.#views.known;
  }

  /** The value, or undefined when the key is absent. */
  get(key: string, options?: OperationOptions): Promise<string | undefined> {
    return this.#pursuit.run(GET, { key }, options);
  }

  /** The value, null when the key is absent, and its revision; of an absent key the position at which it was seen to be absent. */
  read(key: string, options?: OperationOptions): Promise<GetResult> {
    return this.#pursuit.run(READ, { key }, options);
  }

  /** Sets the value. The revision is the place of this change in the order of all changes. */
  put(key: string, value: string, options?: OperationOptions): Promise<PutResult> {
    return this.#pursuit.run(PUT, { key, value }, options);
  }

  /** Adds to the end of the value; an absent one counts as "". */
  append(key: string, value: string, options?: OperationOptions): Promise<PutResult> {
    return this.#pursuit.run(APPEND, { key, value }, options);
  }

  /**
   * Sets the value to the decimal FNV-1a 32-bit hash of the previous value (absent: "") followed by the given one.
   * Gives the previous value, "" when the key was absent.
   */
  putHash(key: string, value: string, options?: OperationOptions): Promise<string> {
    return this.#pursuit.run(PUT_HASH, { key, value }, options);
  }

  /** True when the key was there. */
  delete(key: string, options?: OperationOptions): Promise<boolean> {
    return this.#pursuit.run(DELETE, { key }, options);
  }

  /** Sets the value if it is the expected one, and says whether it was. Null and undefined mean "absent", on both sides. */
  cas(
    key: string,
    expected: string | null | undefined,
    value: string | null | undefined,
    options?: OperationOptions,
  ): Promise<boolean> {
    return this.#pursuit.run(CAS, { key, expected: expected ?? null, value: value ?? null }, options);
  }

  /**
   * Sets the value if the key has that revision, 0 meaning that it is absent, and tells how it is after that: `swapped`, the `current`
   * value, and its `revision`. A value of null or undefined removes the key. No revision comes twice, so what was changed and changed
   * back is noticed, as `cas` would not.
   */
  casRevision(
    key: string,
    revision: number,
    value: string | null | undefined,
    options?: OperationOptions,
  ): Promise<CasResult> {
    return this.#pursuit.run(CAS_REVISION, { key, revision, value: value ?? null }, options);
  }

  /** One page of a range, of one moment: its entries, in the order of their keys, and whether there are `more` behind them. */
  scanPage({ limit = PAGE_SIZE, ...options }: PageOptions = {}): Promise<ScanResult> {
    return this.#pursuit.run(SCAN, { ...rangeOf(options), limit }, options);
  }

  /**
   * The entries of a range in the order of their keys (UTF-8 bytes), fetched page by page as they are wanted. Each page is
   * linearizable; the whole is no snapshot: a key that is there during the whole scan is seen exactly once, one that
   * comes or goes meanwhile may be seen or not. `timeout` is that of each page. Options that are wrong fail the first step.
   */
  scan(options: ScanOptions = {}): AsyncIterableIterator<ScanEntry> {
    return scanPages((page, patience) => this.#pursuit.run(SCAN, page, patience), options);
  }

  /**
   * Holds this moment of the data at the primary, so that all of it can be read while the service goes on . Forgotten there
   * when nobody reads on for 30 s, and when that server ends.
   */
  async snapshot(options?: OperationOptions): Promise<Snapshot> {
    const opened = await this.#pursuit.run(OPEN_SNAPSHOT, {}, options);
    return new Snapshot(opened, (page, patience) => this.#pursuit.run(SCAN, page, patience));
  }

  /** Asks the monitor for the view, once. The client does so itself when an operation fails, never on a timer (C1). */
  updateView(options?: OperationOptions): Promise<View> {
    return this.#pursuit.updateView(options);
  }

  /**
   * Ends every operation under way with CLOSED at once, and all later ones; then closes the session, which takes 150 ms at most.
   * Calling it again does nothing more.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#pursuit.close();
    const session = this.#sessions.close();
    this.#views.close();
    await Promise.all([this.#monitors.close(), this.#caller.close()]);
    if (session !== undefined) await this.#endSession(session);
  }

  /** A transport of the client's own is closed by now, so that what was under way ended at once: this needs another one. */
  async #endSession(session: string): Promise<void> {
    const { clock, transport } = this.#world ?? realWorld();
    await closeSession(session, { clock, transport, view: this.view });
    if (this.#world === undefined) await transport.close();
  }
}

/** How the servers may list this client; it identifies nothing. */
function nameOf({ random }: World): string {
  return Buffer.from(random.bytes(8)).toString('hex');
}
