/**
 * The client's session (S1, S7). It is opened at the first write and replaced when it is lost. Operations that need a
 * seq in it wait here in order.
 *
 * One session serves all operations of the client. When it is lost, the first operation to learn of it has it replaced
 * for all.
 */
import type { Effort } from './effort.ts';
import type { Announcer } from './notice.ts';
import { SessionWindow } from './session-window.ts';
import { WaitingLine, type WaitingParts } from './waiting-line.ts';

export interface SessionsOptions extends WaitingParts {
  readonly announcer: Announcer;
  /**
   * Opens a session and returns its id. Tries until that succeeds, or until the signal says that it is no longer
   * needed.
   */
  readonly open: (signal: AbortSignal) => Promise<string>;
}

interface Ticket {
  readonly window: SessionWindow;
  readonly seq: number;
}

export class Sessions {
  readonly #options: SessionsOptions;
  readonly #line: WaitingLine<Ticket>;
  #window: SessionWindow | undefined = undefined;
  #opening: AbortController | undefined = undefined;
  #trouble = '';

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#line = new WaitingLine(options);
  }

  /** Why no session could be opened yet, in words; "" if one is open or none was requested. */
  get trouble(): string {
    return this.#trouble === '' ? '' : `no session could be opened yet: ${this.#trouble}`;
  }

  /** Records a failed try to open a session. */
  noteTrouble(reason: string): void {
    if (this.#opening !== undefined) this.#trouble = reason;
  }

  /**
   * Numbers the operation at once if the session is open and has room. There is then no waiting operation, because
   * those get room first.
   */
  number(effort: Effort): boolean {
    const window = this.#window;
    if (window === undefined || !window.hasRoom) return false;
    effort.window = window;
    effort.seq = window.take();
    return true;
  }

  /** Numbers the operation when its turn comes. */
  async awaitNumber(effort: Effort): Promise<void> {
    if (this.#window === undefined && this.#opening === undefined) void this.#open();
    try {
      const { window, seq } = await this.#line.wait(effort);
      effort.window = window;
      effort.seq = seq;
    } finally {
      if (this.#line.length === 0) this.#abandonOpening();
    }
  }

  /** The operation has ended, or continues under another number. The result of this number is not needed any more. */
  settle(effort: Effort): void {
    if (effort.window === undefined) return;
    effort.window.settle(effort.seq);
    effort.window = undefined;
    this.#advance();
  }

  /** The servers do not know this session any more. The first operation to learn of it replaces the session for all. */
  lose(window: SessionWindow): void {
    if (this.#window !== window) return;
    this.#window = undefined;
    if (this.#line.length > 0) void this.#open();
  }

  /** Closes this object and returns the open session, so that the caller can close it on the servers. */
  close(): string | undefined {
    this.#line.dismiss('CLOSED');
    this.#abandonOpening();
    const session = this.#window?.session;
    this.#window = undefined;
    return session;
  }

  async #open(): Promise<void> {
    const opening = new AbortController();
    this.#opening = opening;
    try {
      const session = await this.#options.open(opening.signal);
      if (this.#opening !== opening) return; // no operation waited for it; it expires on the servers
      this.#opening = undefined;
      this.#trouble = '';
      this.#window = new SessionWindow(session);
      this.#options.announcer.say({ kind: 'session', session });
      this.#advance();
    } catch (error) {
      if (this.#opening !== opening) return;
      this.#opening = undefined;
      this.#line.dismiss(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** No operation waits for a session any more. */
  #abandonOpening(): void {
    this.#opening?.abort();
    this.#opening = undefined;
    this.#trouble = '';
  }

  #advance(): void {
    const window = this.#window;
    while (window?.hasRoom && this.#line.length > 0) this.#line.serve({ window, seq: window.take() });
  }
}
