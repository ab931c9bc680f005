/** Which mistake is turned on, and which switches were asked for since somebody wanted to know. */
export class Switches {
  /** 0: none. */
  on = 0;
  #reached: Uint8Array | undefined; // by number, since a place may be reached millions of times

  /** What the changed text calls, at each place. */
  readonly isOn = (id: number): boolean => {
    if (this.#reached !== undefined) this.#reached[id] = 1;
    return id === this.on;
  };

  startRecording(): void {
    this.#reached = new Uint8Array(MOST);
  }

  /** What was reached since `startRecording`, which nobody records any longer. */
  stopRecording(): readonly number[] {
    const reached = [...(this.#reached ?? []).entries()].filter(([, was]) => was === 1).map(([id]) => id);
    this.#reached = undefined;
    return reached;
  }

  async while<T>(id: number, action: () => Promise<T>): Promise<T> {
    this.on = id;
    try {
      return await action();
    } finally {
      this.on = 0;
    }
  }
}

/** More than any subject has. */
const MOST = 10_000;
