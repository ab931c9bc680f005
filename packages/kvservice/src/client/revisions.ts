/** The highest revision that this client has seen. Its sequential reads must not return older state (L5). */

export class Revisions {
  #highest = 0;

  get highest(): number {
    return this.#highest;
  }

  see(revision: number): number {
    if (revision > this.#highest) this.#highest = revision;
    return revision;
  }

  /** Forgets the revision when the cluster changes. Revisions of another cluster mean nothing in this one. */
  forget(): void {
    this.#highest = 0;
  }
}
