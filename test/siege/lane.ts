/** What all recorded clients have in common: lanes that do one operation after another until they are told to stop. */

export interface LaneParts {
  readonly name: string;
  readonly operate: () => Promise<void>;
  /** Milliseconds until the next operation. */
  readonly thinkMs: () => number;
  /** A client was told what none may be told. */
  readonly onDefect: (lane: string, error: unknown) => void;
}

export class Lane {
  readonly name: string;
  readonly ended: Promise<void>;
  readonly #parts: LaneParts;
  #isOver = false;
  #answeredSinceMs = -1;

  constructor(parts: LaneParts) {
    this.name = parts.name;
    this.#parts = parts;
    this.ended = this.#run();
  }

  /** No further operation; `ended` resolves when the one under way is over. */
  stop(): void {
    this.#isOver = true;
  }

  /** An operation that began at this moment or later is over. */
  hasServed(sinceMs: number): boolean {
    return this.#answeredSinceMs >= sinceMs;
  }

  async #run(): Promise<void> {
    const { name, operate, thinkMs, onDefect } = this.#parts;
    while (!this.#isOver) {
      await new Promise((resolve) => setTimeout(resolve, thinkMs()));
      const beganMs = performance.now();
      try {
        await operate();
        this.#answeredSinceMs = beganMs;
      } catch (error) {
        onDefect(name, error);
      }
    }
  }
}
