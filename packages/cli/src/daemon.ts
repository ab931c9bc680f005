/** Runs a long-running process until it is told to leave. */
import { loadMetrics } from '@understudy/rpc';
import { CommandFailure, EXIT } from './exit.ts';

/** What a parent process sends when it ends everything at once. */
export const STOP = { kind: 'stop' } as const;

export interface Service {
  /**
   * Leaves on purpose (V14). Returns what went wrong, in plain words; the process then ends with a failure. "" if
   * nothing did.
   */
  leave(): Promise<string>;
  /** Ends at once, without a goodbye. */
  stop(): Promise<void>;
  /** Resolves when it has ended. The reason is empty if it was told to end. */
  readonly ended: Promise<string>;
}

/**
 * Starts a service, and runs it until it is told to leave by SIGTERM, SIGINT or SIGHUP (the terminal is gone). A second
 * signal ends the process at once. A parent that sends `STOP`, or that is gone, ends the service without a goodbye, so
 * that no orphan stays.
 */
export async function serveUntilTold(start: () => Promise<Service>): Promise<void> {
  // Files that it creates, such as its data, are readable only by its own user.
  process.umask(0o077);
  using signals = new Signals(['SIGTERM', 'SIGINT', 'SIGHUP'], () => process.exit(EXIT.failure));
  using parent = new Parent();
  const service = await Promise.race([loadMetrics().then(start), signals.first, parent.stop]);
  // The signal came before the service had started, so there is nothing to leave.
  if (typeof service === 'string') return process.exit(EXIT.success);
  const ended = service.ended.then((reason) => ({ reason }));
  const order = await Promise.race([signals.first, parent.stop, ended]);
  if (typeof order === 'object') throw new CommandFailure(order.reason);
  if (order === 'stop') return service.stop();
  const trouble = await Promise.race([service.leave(), parent.stop.then(() => service.stop())]);
  if (typeof trouble === 'string' && trouble !== '') throw new CommandFailure(trouble);
}

/** Listens for signals. The first one resolves `first`; further ones call `again`. */
export class Signals implements Disposable {
  readonly first: Promise<'signal'>;
  readonly #names: readonly NodeJS.Signals[];
  readonly #again: () => void;
  #resolve: ((first: 'signal') => void) | undefined;

  constructor(names: readonly NodeJS.Signals[], again: () => void) {
    this.#names = names;
    this.#again = again;
    this.first = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    for (const name of names) process.on(name, this.#onSignal);
  }

  [Symbol.dispose](): void {
    for (const name of this.#names) process.off(name, this.#onSignal);
  }

  readonly #onSignal = () => {
    if (this.#resolve === undefined) return this.#again();
    this.#resolve('signal');
    this.#resolve = undefined;
  };
}

/** The parent process, if it started this one with a channel to it. */
export class Parent implements Disposable {
  readonly stop: Promise<'stop'>;
  #resolve: (stop: 'stop') => void = () => {};

  constructor() {
    this.stop = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    process.on('message', this.#onMessage);
    process.on('disconnect', this.#onGone);
  }

  [Symbol.dispose](): void {
    process.off('message', this.#onMessage);
    process.off('disconnect', this.#onGone);
    if (process.connected) process.disconnect();
  }

  readonly #onMessage = (message: unknown) => {
    if ((message as Partial<typeof STOP> | null)?.kind === STOP.kind) this.#resolve('stop');
  };

  readonly #onGone = () => this.#resolve('stop');
}
