/** Waits for conditions of a running cluster. Each wait is bounded, and ends at once when the cluster is closed. */
import { type Clock, type Timer, UnderstudyError } from '@understudy/rpc';

export interface Wait {
  readonly isOver: () => boolean;
  readonly timeoutMs: number;
  /** The condition, as a text that follows "waited in vain until". */
  readonly what: string;
  /** Describes the situation, for the failure. */
  readonly situation: () => string;
}

interface Pause {
  readonly timer: Timer;
  readonly abandon: (reason: UnderstudyError) => void;
}

const POLL_MS = 5;

export class Waits {
  readonly #clock: Clock;
  readonly #pauses = new Set<Pause>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Rejects with TIMEOUT or CLOSED. */
  async until({ isOver, timeoutMs, what, situation }: Wait): Promise<void> {
    const endsAtMs = this.#clock.now() + timeoutMs;
    while (!isOver()) {
      if (this.#clock.now() >= endsAtMs) {
        throw new UnderstudyError('TIMEOUT', `waited ${timeoutMs} ms in vain until ${what}; ${situation()}`);
      }
      await this.#pause();
    }
  }

  close(): void {
    for (const { timer, abandon } of this.#pauses) {
      timer.cancel();
      abandon(clusterClosed());
    }
    this.#pauses.clear();
  }

  #pause(): Promise<void> {
    return new Promise((resolve, abandon) => {
      const end = (): void => {
        this.#pauses.delete(pause);
        resolve();
      };
      const pause: Pause = { timer: this.#clock.after(POLL_MS, end), abandon };
      this.#pauses.add(pause);
    });
  }
}

export function clusterClosed(): UnderstudyError {
  return new UnderstudyError('CLOSED', 'the cluster was closed', { definite: true });
}
