/** One who reads a page that goes on, in a simulated world: what it says is there at once, for it passes over no link. */
import type { PageAnswer, PageOutlet } from '@understudy/rpc';

export class PageReading {
  readonly #gone = new AbortController();
  readonly #onOver: () => void;
  #text = '';
  #unsent = 0;
  #isOver = false;
  /** A reader that is slow takes nothing: what is written stays unsent until he is not any more. */
  #isSlow = false;

  /** `onOver`: called once, when it has ended. */
  constructor(onOver: (reading: PageReading) => void) {
    this.#onOver = () => onOver(this);
  }

  /** All that was said. */
  get text(): string {
    return this.#text;
  }

  /** The page said that this was all, the reader left, or the process is gone. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** For the request: aborts when the reading is over. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  set isSlow(isSlow: boolean) {
    this.#isSlow = isSlow;
    if (!isSlow) this.#unsent = 0;
  }

  /** Listens to what the answer goes on to say, if it does. */
  begin({ stream }: PageAnswer): void {
    if (stream === undefined) return this.leave();
    const unsent = (): number => this.#unsent;
    const outlet: PageOutlet = {
      get unsentBytes() {
        return unsent();
      },
      write: (text) => this.#take(text),
      end: () => this.leave(),
    };
    stream(outlet);
  }

  /** The reader, or the process, is gone. */
  leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#gone.abort();
    this.#onOver();
  }

  #take(text: string): void {
    if (this.#isOver) return;
    this.#text += text;
    if (this.#isSlow) this.#unsent += Buffer.byteLength(text);
  }
}
