/**
 * The client of the key/value service. It finds the primary, retries until there is an answer, and executes every write
 * at most once.
 */
import { AbortWatch, realWorld, type World } from '@understudy/rpc';
import { MonitorClient, type View } from '@understudy/sysmonitor';
import { Caller } from './client/caller.ts';
import { assertText, type Codec, textOf, valueOf } from './client/codec.ts';
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
  type CloseOptions,
  drains,
  eachPageOf,
  type KVClientOptions,
  type OperationOptions,
  type PageOptions,
  type ScanOptions,
  settingsOf,
} from './client/options.ts';
import { Pursuit } from './client/pursuit.ts';
import { Revisions } from './client/revisions.ts';
import { type FetchPage, PAGE_SIZE, rangeOf, scanPages } from './client/scan.ts';
import { Sessions } from './client/sessions.ts';
import { Snapshot } from './client/snapshot.ts';
import { ViewCache } from './client/view-cache.ts';
import type { CasResult, GetResult, PutResult, ScanEntry, ScanResult } from './contract.ts';

/**
 * Any number of operations may be in progress at once. Each one retries, through failovers, until it has an answer,
 * `timeout` expires or `signal` aborts. Every failure is an UnderstudyError, whose `definite` says whether the
 * operation is certainly not done. Reads change nothing, so their failures are always definite.
 */
export class KVClient<Value = string> implements AsyncDisposable {
  readonly #monitors: MonitorClient;
  readonly #caller: Caller;
  readonly #views: ViewCache;
  readonly #sessions: Sessions;
  readonly #pursuit: Pursuit;
  /** Undefined if the client has its own transport. */
  readonly #world: World | undefined;
  /** Undefined if values are texts. */
  readonly #codec: Codec<Value> | undefined;
  #draining: Promise<void> | undefined = undefined;
  #closing: Promise<void> | undefined = undefined;

  /** Sends nothing yet. Throws INVALID_PARAMS, which names the option, if an option is wrong. */
  constructor(options: KVClientOptions<Value>) {
    const settings = settingsOf(options);
    const world = options.world ?? realWorld();
    const { clock, random, transport } = world;
    const aborts = new AbortWatch();
    const announcer = new Announcer(options.onNotice);
    const revisions = new Revisions();
    this.#world = options.world;
    this.#codec = options.codec;
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
      warn: (notice) => {
        announcer.say(notice);
        if (options.world === undefined) process.emitWarning(notice.message, WARNING);
      },
    });
  }

  /** The newest view that the client knows. Before the first answer: viewnum 0 and primary "". */
  get view(): View {
    return this.#views.known;
  }

  /** Returns the value; undefined if the key is absent. */
  get(key: string, options?: OperationOptions): Promise<Value | undefined> {
    const text = this.#pursuit.run(GET, { key }, options);
    return this.#read(text, (told) => (told === undefined ? undefined : valueOf(this.#codec, key, told)));
  }

  /** Returns the value and its revision. For an absent key: null and the revision at which it was absent. */
  read(key: string, options?: OperationOptions): Promise<GetResult<Value>> {
    const result = this.#pursuit.run(READ, { key }, options);
    return this.#read(result, ({ value, revision }) => ({ value: this.#valueOrNull(key, value), revision }));
  }

  /** Sets the value. The returned revision is the place of this change in the order of all changes. */
  put(key: string, value: Value, options?: OperationOptions): Promise<PutResult> {
    if (this.#codec === undefined) return this.#pursuit.run(PUT, { key, value: value as string }, options);
    return promised(() => this.#pursuit.run(PUT, { key, value: textOf(this.#codec, 'value', value) }, options));
  }

  /** Appends to the value; an absent value counts as "". */
  append(key: string, value: string, options?: OperationOptions): Promise<PutResult> {
    return promised(() => {
      assertText(this.#codec, 'append');
      return this.#pursuit.run(APPEND, { key, value }, options);
    });
  }

  /**
   * Sets the value to the decimal FNV-1a 32-bit hash of the previous value (absent: "") followed by the given one.
   * Returns the previous value, "" if the key was absent.
   */
  putHash(key: string, value: string, options?: OperationOptions): Promise<string> {
    return promised(() => {
      assertText(this.#codec, 'putHash');
      return this.#pursuit.run(PUT_HASH, { key, value }, options);
    });
  }

  /** Deletes the key. Returns true if it existed. */
  delete(key: string, options?: OperationOptions): Promise<boolean> {
    return this.#pursuit.run(DELETE, { key }, options);
  }

  /** Sets the value if the present one equals `expected`; returns whether it did. Null and undefined mean "absent". */
  cas(
    key: string,
    expected: Value | null | undefined,
    value: Value | null | undefined,
    options?: OperationOptions,
  ): Promise<boolean> {
    return promised(() => {
      const [old, next] = [this.#textOrNull('expected', expected), this.#textOrNull('value', value)];
      return this.#pursuit.run(CAS, { key, expected: old, value: next }, options);
    });
  }

  /**
   * Sets the value if the key has that revision; 0 means that the key is absent. Returns the state after that:
   * `swapped`, the `current` value, and its `revision`. A value of null or undefined deletes the key. No revision
   * occurs twice, so this detects a value that was changed and changed back, which `cas` does not.
   */
  casRevision(
    key: string,
    revision: number,
    value: Value | null | undefined,
    options?: OperationOptions,
  ): Promise<CasResult<Value>> {
    const result = promised(() => {
      const request = { key, revision, value: this.#textOrNull('value', value) };
      return this.#pursuit.run(CAS_REVISION, request, options);
    });
    return this.#read(result, ({ current, ...rest }) => ({ ...rest, current: this.#valueOrNull(key, current) }));
  }

  /** Returns one page of a range, all of one moment: its entries in key order, and whether `more` follow. */
  scanPage(options: PageOptions = {}): Promise<ScanResult<Value>> {
    const page = promised(() => {
      const each = eachPageOf(options, 'scanPage');
      return this.#fetch({ ...rangeOf(options), limit: options.limit ?? PAGE_SIZE }, each);
    });
    return this.#read(page, ({ entries, more }) => ({ entries: entries.map(this.#entry), more }));
  }

  /**
   * Iterates over the entries of a range in key order (UTF-8 bytes). Pages are fetched on demand, and each page is a
   * linearizable read. The scan as a whole is no snapshot: a key that exists during the whole scan is seen exactly
   * once, and one that is created or deleted during the scan may or may not be seen. `timeout` applies to each page.
   * Wrong options make the first step fail.
   */
  scan(options: ScanOptions = {}): AsyncIterableIterator<ScanEntry<Value>> {
    return scanPages(this.#fetch, this.#entry, options);
  }

  /**
   * Takes a snapshot at the primary, so that all data of one moment can be read while the service goes on. The primary
   * drops the snapshot when it is not read for 30 s, or when the server stops.
   */
  async snapshot(options?: OperationOptions): Promise<Snapshot<Value>> {
    const opened = await this.#pursuit.run(OPEN_SNAPSHOT, {}, options);
    return new Snapshot(opened, this.#fetch, this.#entry);
  }

  /**
   * Asks the monitor for the view, once. The client itself only asks when an operation fails, never on a timer (C1).
   */
  updateView(options?: OperationOptions): Promise<View> {
    return this.#pursuit.updateView(options);
  }

  /**
   * Fails all operations in progress with CLOSED at once, and all later ones. Then closes the session, which takes at
   * most 150 ms. A second call has no effect. With `drain`, operations in progress first run to their end, however long
   * that takes, and only new ones fail with CLOSED; a `close()` without `drain` ends that wait.
   */
  close(options: CloseOptions = {}): Promise<void> {
    return promised(() => (drains(options) && this.#closing === undefined ? this.#drain() : this.#closeNow()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  readonly #fetch: FetchPage = (page, options) => this.#pursuit.run(SCAN, page, options);

  readonly #entry = ({ key, value, revision }: ScanEntry): ScanEntry<Value> => ({
    key,
    value: valueOf(this.#codec, key, value),
    revision,
  });

  /** Decodes a result. Without a codec the result is returned as received. */
  #read<Told, Result>(told: Promise<Told>, read: (told: Told) => Result): Promise<Result> {
    return this.#codec === undefined ? (told as Promise<never>) : told.then(read);
  }

  #textOrNull(field: string, value: Value | null | undefined): string | null {
    return value === null || value === undefined ? null : textOf(this.#codec, field, value);
  }

  #valueOrNull(key: string, text: string | null): Value | null {
    return text === null ? null : valueOf(this.#codec, key, text);
  }

  #drain(): Promise<void> {
    this.#draining ??= this.#pursuit.drain().then(() => this.#closeNow());
    return this.#draining;
  }

  #closeNow(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#pursuit.close();
    const session = this.#sessions.close();
    this.#views.close();
    await Promise.all([this.#monitors.close(), this.#caller.close()]);
    if (session !== undefined) await this.#endSession(session);
  }

  /** Closes the session over another transport: the client's own was closed first, to end operations at once. */
  async #endSession(session: string): Promise<void> {
    const { clock, transport } = this.#world ?? realWorld();
    await closeSession(session, { clock, transport, view: this.view });
    if (this.#world === undefined) await transport.close();
  }
}

/** Turns a synchronous throw into a rejection. Unlike an async function, it adds no microtask turn. */
function promised<T>(start: () => Promise<T>): Promise<T> {
  try {
    return start();
  } catch (failure) {
    return Promise.reject(failure);
  }
}

/** The type and code of the process warning when nothing was answered for a long time. */
const WARNING = { type: 'UnderstudyWarning', code: 'UNDERSTUDY_WAITING' } as const;

/** The name under which servers may list this client. It identifies nothing. */
function nameOf({ random }: World): string {
  return Buffer.from(random.bytes(8)).toString('hex');
}
