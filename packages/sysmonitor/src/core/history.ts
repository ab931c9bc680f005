/** The last 100 view changes with their causes, for the status page and the command line. */
import type { Cause } from '../cause.ts';
import type { View } from '../contract.ts';
import type { ViewChange } from '../status.ts';

const MAX_CHANGES = 100;

interface Entry {
  readonly view: View;
  readonly causes: readonly Cause[];
  readonly at: number;
}

export class History {
  readonly #entries: Entry[] = [];

  add(entry: Entry): void {
    this.#entries.push(entry);
    if (this.#entries.length > MAX_CHANGES) this.#entries.shift();
  }

  told(now: number): readonly ViewChange[] {
    return this.#entries.map(({ view, causes, at }) => ({ view, causes, agoMs: Math.round(now - at) }));
  }
}
