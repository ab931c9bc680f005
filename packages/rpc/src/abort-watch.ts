/**
 * Watches the abort signals of callers with one listener per signal, however many operations share it. Node warns about
 * more than ten listeners.
 */

interface Watched {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

export class AbortWatch {
  readonly #signals = new Map<AbortSignal, Watched>();

  /** Calls back when the signal aborts. The returned function stops the watch. */
  watch(signal: AbortSignal, callback: () => void): () => void {
    const { callbacks } = this.#signals.get(signal) ?? this.#begin(signal);
    callbacks.add(callback);
    return () => {
      if (callbacks.delete(callback) && callbacks.size === 0) this.#end(signal);
    };
  }

  #begin(signal: AbortSignal): Watched {
    const callbacks = new Set<() => void>();
    const listener = () => {
      this.#end(signal);
      for (const callback of callbacks) callback();
    };
    const watched = { callbacks, listener };
    signal.addEventListener('abort', listener);
    this.#signals.set(signal, watched);
    return watched;
  }

  #end(signal: AbortSignal): void {
    const watched = this.#signals.get(signal);
    if (watched === undefined) return;
    signal.removeEventListener('abort', watched.listener);
    this.#signals.delete(signal);
  }
}
