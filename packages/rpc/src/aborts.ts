/** Signals that many calls share: one listener on each, however many calls wait (Node warns of more than ten). */

interface Shared {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

export class Aborts {
  readonly #shared = new Map<AbortSignal, Shared>();

  /** Calls `onAbort` when `signal` fires; what is returned takes that back. */
  add(signal: AbortSignal, onAbort: () => void): () => void {
    const { callbacks } = this.#shared.get(signal) ?? this.#listenTo(signal);
    callbacks.add(onAbort);
    return () => {
      callbacks.delete(onAbort);
      if (callbacks.size === 0) this.#leave(signal);
    };
  }

  #listenTo(signal: AbortSignal): Shared {
    const callbacks = new Set<() => void>();
    const listener = (): void => {
      for (const callback of [...callbacks]) callback();
    };
    const shared = { callbacks, listener };
    signal.addEventListener('abort', listener);
    this.#shared.set(signal, shared);
    return shared;
  }

  #leave(signal: AbortSignal): void {
    const shared = this.#shared.get(signal);
    if (shared !== undefined) signal.removeEventListener('abort', shared.listener);
    this.#shared.delete(signal);
  }
}
