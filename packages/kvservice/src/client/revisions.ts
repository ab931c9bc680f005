/** The highest revision that this client has seen: what its sequential reads must not fall behind (L5). */

export class Revisions {
  #highest = 0;

  get highest(): number {
    return this.#highest;
  }

  see(revision: number): number {
    if (revision > this.#highest) this.#highest = revision;
    return revision;
  }

  /** Revisions of another cluster say nothing about this one. */
  forget(): void {
    this.#highest = 0;
  }
}
