/** The client of the key/value service: finds the primary, tries until there is an answer, has every write done at most once. */
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
 * Any number of operations may be under way at once. Each tries on, through failovers, until it has an answer, the `timeout`
 * is over or the `signal` aborts; every failure is an UnderstudyError, whose `definite` says whether the operation is certainly
 * not done. Reads change nothing, so their failures are always definite.
 */
export class KVClient<Value = string> implements AsyncDisposable {
  readonly #monitors: MonitorClient;
  readonly #caller: Caller;
  readonly #views: ViewCache;
  readonly #sessions: Sessions;
  readonly #pursuit: Pursuit;
  /** Undefined: the client has a transport of its own. */
  readonly #world: World | undefined;
  /** Undefined: values are texts. */
  readonly #codec: Codec<Value> | undefined;
  #draining: Promise<void> | undefined = undefined;
  #closing: Promise<void> | undefined = undefined;

  /** Sends nothing yet. Throws INVALID_PARAMS, naming the option, when one is wrong. */
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

  /** The newest view that the client knows; before it asked for one: viewnum 0, primary "". */
  get view(): View {
    return this.#views.known;
  }

  /** The value, or undefined when the key is absent. */
  get(key: string, options?: OperationOptions): Promise<Value | undefined> {
    const text = this.#pursuit.run(GET, { key }, options);
    return this.#read(text, (told) => (told === undefined ? undefined : valueOf(this.#codec, key, told)));
  }

  /** The value, null when the key is absent, and its revision; of an absent key the position at which it was seen to be absent. */
  read(key: string, options?: OperationOptions): Promise<GetResult<Value>> {
    const result = this.#pursuit.run(READ, { key }, options);
    return this.#read(result, ({ value, revision }) => ({ value: this.#valueOrNull(key, value), revision }));
  }

  /** Sets the value. The revision is the place of this change in the order of all changes. */
  put(key: string, value: Value, options?: OperationOptions): Promise<PutResult> {
    if (this.#codec === undefined) return this.#pursuit.run(PUT, { key, value: value as string }, options);
    return promised(() => this.#pursuit.run(PUT, { key, value: textOf(this.#codec, 'value', value) }, options));
  }

  /** Adds to the end of the value; an absent one counts as "". */
  append(key: string, value: string, options?: OperationOptions): Promise<PutResult> {
    return promised(() => {
      assertText(this.#codec, 'append');
      return this.#pursuit.run(APPEND, { key, value }, options);
    });
  }

  /**
   * Sets the value to the decimal FNV-1a 32-bit hash of the previous value (absent: "") followed by the given one.
   * Gives the previous value, "" when the key was absent.
   */
  putHash(key: string, value: string, options?: OperationOptions): Promise<string> {
    return promised(() => {
      assertText(this.#codec, 'putHash');
      return this.#pursuit.run(PUT_HASH, { key, value }, options);
    });
  }

  /** True when the key was there. */
  delete(key: string, options?: OperationOptions): Promise<boolean> {
    return this.#pursuit.run(DELETE, { key }, options);
  }

  /** Sets the value if it is the expected one, and says whether it was. Null and undefined mean "absent", on both sides. */
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
   * Sets the value if the key has that revision, 0 meaning that it is absent, and tells how it is after that: `swapped`, the `current`
   * value, and its `revision`. A value of null or undefined removes the key. No revision comes twice, so what was changed and changed
   * back is noticed, as `cas` would not.
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

  /** One page of a range, of one moment: its entries, in the order of their keys, and whether there are `more` behind them. */
  scanPage(options: PageOptions = {}): Promise<ScanResult<Value>> {
    const page = promised(() => {
      const each = eachPageOf(options, 'scanPage');
      return this.#fetch({ ...rangeOf(options), limit: options.limit ?? PAGE_SIZE }, each);
    });
    return this.#read(page, ({ entries, more }) => ({ entries: entries.map(this.#entry), more }));
  }

  /**
   * The entries of a range in the order of their keys (UTF-8 bytes), fetched page by page as they are wanted. Each page is
   * linearizable; the whole is no snapshot: a key that is there during the whole scan is seen exactly once, one that
   * comes or goes meanwhile may be seen or not. `timeout` is that of each page. Options that are wrong fail the first step.
   */
  scan(options: ScanOptions = {}): AsyncIterableIterator<ScanEntry<Value>> {
    return scanPages(this.#fetch, this.#entry, options);
  }

  /**
   * Holds this moment of the data at the primary, so that all of it can be read while the service goes on . Forgotten there
   * when nobody reads on for 30 s, and when that server ends.
   */
  async snapshot(options?: OperationOptions): Promise<Snapshot<Value>> {
    const opened = await this.#pursuit.run(OPEN_SNAPSHOT, {}, options);
    return new Snapshot(opened, this.#fetch, this.#entry);
  }

  /** Asks the monitor for the view, once. The client does so itself when an operation fails, never on a timer (C1). */
  updateView(options?: OperationOptions): Promise<View> {
    return this.#pursuit.updateView(options);
  }

  /**
   * Ends every operation under way with CLOSED at once, and all later ones; then closes the session, which takes 150 ms at most.
   * Calling it again does nothing more. With `drain`, operations under way go on to their ends first, however long that takes,
   * and only new ones end with CLOSED; a `close()` without it ends the wait.
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

  /** Without a codec the result is as it came. */
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

  /** A transport of the client's own is closed by now, so that what was under way ended at once: this needs another one. */
  async #endSession(session: string): Promise<void> {
    const { clock, transport } = this.#world ?? realWorld();
    await closeSession(session, { clock, transport, view: this.view });
    if (this.#world === undefined) await transport.close();
  }
}

/** What is wrong at once fails the promise, as everything else does. Adds no turn of the microtasks, as an async function would. */
function promised<T>(start: () => Promise<T>): Promise<T> {
  try {
    return start();
  } catch (failure) {
    return Promise.reject(failure);
  }
}

/** How Node shows that nothing was answered for long. */
const WARNING = { type: 'UnderstudyWarning', code: 'UNDERSTUDY_WAITING' } as const;

/** How the servers may list this client; it identifies nothing. */
function nameOf({ random }: World): string {
  return Buffer.from(random.bytes(8)).toString('hex');
}
