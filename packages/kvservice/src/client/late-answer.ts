/**
 * An answer that may arrive after its try counted as slow. Its arrival ends whatever the operation waits for meanwhile.
 */

export class LateAnswer {
  #answer: { readonly answer: unknown } | undefined = undefined;
  #arrival: Promise<void> | undefined = undefined;
  #wake: (() => void) | undefined = undefined;

  /** Undefined while there is none. */
  get given(): { readonly answer: unknown } | undefined {
    return this.#answer;
  }

  give(answer: unknown): void {
    this.#answer ??= { answer };
    this.#wake?.();
  }

  /** Resolves when `other` resolves or the answer arrives. Rejects only if `other` rejects first. */
  async orElse<T>(other: Promise<T>): Promise<T | undefined> {
    // If the answer is already here, a rejection of `other` must not count as unhandled.
    other.catch(() => {});
    if (this.#answer !== undefined) return undefined;
    this.#arrival ??= new Promise((resolve) => {
      this.#wake = resolve;
    });
    const arrival = this.#arrival.then(() => undefined);
    return Promise.race([other, arrival]);
  }
}
