/** An answer that may come after its try was taken for slow: who waits for anything else meanwhile is woken by it. */

export class LateAnswer {
  #answer: { readonly answer: unknown } | undefined = undefined;
  #arrival: Promise<void> | undefined = undefined;
  #wake: (() => void) | undefined = undefined;

  /** Undefined: there is none yet. */
  get given(): { readonly answer: unknown } | undefined {
    return this.#answer;
  }

  give(answer: unknown): void {
    this.#answer ??= { answer };
    this.#wake?.();
  }

  /** Resolves when `other` does, and as soon as the answer is here. Rejects with `other` only. */
  async orElse<T>(other: Promise<T>): Promise<T | undefined> {
    // Where the answer is here already, nobody hears how the other ends.
    other.catch(() => {});
    if (this.#answer !== undefined) return undefined;
    this.#arrival ??= new Promise((resolve) => {
      this.#wake = resolve;
    });
    const arrival = this.#arrival.then(() => undefined);
    return Promise.race([other, arrival]);
  }
}
