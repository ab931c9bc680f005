/**
 * The hub of a node's feed. It sends notices to every viewer at once, and samples of the node's state at intervals.
 * While no viewer is connected, it only records notices.
 */
import { type Clock, type PageAnswer, type PageRequest, type Timer, UnderstudyError } from '@understudy/rpc';
import type { ControlSample, Hello, MonitorSample, Notice, ServerSample, Telling } from './feed.ts';
import { eventText, Viewer } from './viewer.ts';

/** Between two samples that differ. */
const SAMPLE_MS = 250;
/** Between two samples that do not differ. They tell the page that its data is still current. */
const HEARTBEAT_MS = 1_000;
/** The pause after which an EventSource reconnects when its connection has ended. */
const COME_BACK_MS = 1_000;
const MAX_HISTORY = 200;
const MAX_VIEWERS = 100;

/** What a node says about itself in `hello`, apart from its history. */
export type Self = Omit<Hello, 'now' | 'since' | 'history'>;

/** The state of the node at one moment. */
export interface Reading {
  /** The sample without its time. */
  readonly sample: Omit<MonitorSample, 'at'> | Omit<ServerSample, 'at'> | Omit<ControlSample, 'at'>;
  /** Equal for two readings without a relevant difference; it leaves out what only changes with time. */
  readonly mark: string;
}

export interface HubOptions {
  readonly clock: Clock;
  readonly self: (request: PageRequest) => Self;
  /** Called only while a viewer is connected. Undefined: there is no state yet. Must not reject. */
  readonly read: () => Promise<Reading | undefined>;
}

export class Hub {
  readonly #options: HubOptions;
  readonly #since: number;
  readonly #viewers = new Set<Viewer>();
  readonly #history: Notice[] = [];
  #seq = 0;
  #timer: Timer | undefined;
  #isReading = false;
  #isClosed = false;
  /** The mark of the last sample that went to all viewers. */
  #mark = '';
  #sampledAt = Number.NEGATIVE_INFINITY;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#since = options.clock.wallNow();
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** The page `/events`. OVERLOADED if there are too many viewers. */
  answer(request: PageRequest): PageAnswer {
    if (this.#isClosed) throw new UnderstudyError('CLOSED', 'the node is ending');
    if (this.#viewers.size >= MAX_VIEWERS) {
      throw new UnderstudyError('OVERLOADED', `${MAX_VIEWERS} look already`, { data: { retryAfterMs: 5_000 } });
    }
    return {
      status: 200,
      headers: { 'Content-Type': 'text/event-stream; charset=utf-8' },
      stream: (outlet) => this.#join(new Viewer(outlet), request),
    };
  }

  /** Records a notice, sends it at once, and sends a sample soon after. */
  notice(notice: Notice['notice'], telling: Telling): void {
    const told: Notice = { seq: ++this.#seq, at: this.#options.clock.wallNow(), ...telling, notice };
    this.#history.push(told);
    if (this.#history.length > MAX_HISTORY) this.#history.shift();
    if (this.#viewers.size === 0) return;
    const event = eventText('notice', told);
    for (const viewer of this.#viewers) if (!viewer.tell(event)) this.#leave(viewer);
    if (this.#viewers.size > 0 && this.#now() - this.#sampledAt >= SAMPLE_MS) this.#sampleSoon();
  }

  /** Ends every stream, and accepts no more. */
  close(): void {
    this.#isClosed = true;
    for (const viewer of [...this.#viewers]) {
      viewer.end();
      this.#leave(viewer);
    }
  }

  #join(viewer: Viewer, request: PageRequest): void {
    const { clock, self } = this.#options;
    if (request.signal.aborted || this.#isClosed) return viewer.end();
    this.#viewers.add(viewer);
    request.signal.addEventListener('abort', () => this.#leave(viewer), { once: true });
    const hello: Hello = { ...self(request), now: clock.wallNow(), since: this.#since, history: this.#history };
    viewer.tell(`retry: ${COME_BACK_MS}\n${eventText('hello', hello)}`);
    this.#timer ??= this.#tick();
    void this.#sample([viewer]);
  }

  #leave(viewer: Viewer): void {
    this.#viewers.delete(viewer);
    if (this.#viewers.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #tick(): Timer {
    return this.#options.clock.after(SAMPLE_MS, () => {
      this.#timer = this.#tick();
      void this.#sample();
    });
  }

  /**
   * Samples at the end of this turn of the event loop, so that everything that happens in the turn is in one sample.
   */
  #sampleSoon(): void {
    this.#timer?.cancel();
    this.#timer = this.#tick();
    this.#sampledAt = this.#now();
    this.#mark = '';
    this.#options.clock.endOfTurn(() => void this.#sample());
  }

  /** New viewers always get a sample. The others get one if something changed, or if a heartbeat is due. */
  async #sample(newcomers?: readonly Viewer[]): Promise<void> {
    const reading = newcomers === undefined ? await this.#readOnce() : await this.#options.read();
    if (reading === undefined) return;
    const now = this.#now();
    const event = (): string => eventText('sample', { at: this.#options.clock.wallNow(), ...reading.sample });
    if (newcomers !== undefined) return this.#show(newcomers, event(), now);
    // A timer may fire a little early.
    if (reading.mark === this.#mark && now - this.#sampledAt < HEARTBEAT_MS - SAMPLE_MS / 2) return;
    this.#mark = reading.mark;
    this.#sampledAt = now;
    this.#show([...this.#viewers], event(), now);
  }

  /** While a reading takes long, further readings are skipped. */
  async #readOnce(): Promise<Reading | undefined> {
    if (this.#isReading) return undefined;
    this.#isReading = true;
    const reading = await this.#options.read();
    this.#isReading = false;
    return reading;
  }

  #show(viewers: readonly Viewer[], event: string, now: number): void {
    for (const viewer of viewers) {
      if (this.#viewers.has(viewer) && !viewer.show(event, now)) this.#leave(viewer);
    }
  }

  #now(): number {
    return this.#options.clock.now();
  }
}
