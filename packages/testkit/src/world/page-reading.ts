/** The reader of a streamed page in a simulated world. The text arrives at once, because it passes over no link. */
import type { PageAnswer, PageOutlet } from '@understudy/rpc';

export class PageReading {
  readonly #gone = new AbortController();
  readonly #onOver: () => void;
  #text = '';
  #unsent = 0;
  #isOver = false;
  /** A slow reader takes nothing: what is written stays unsent until the reader is no longer slow. */
  #isSlow = false;

  /** `onOver` is called once, when the reading has ended. */
  constructor(onOver: (reading: PageReading) => void) {
    this.#onOver = () => onOver(this);
  }

  /** All text so far. */
  get text(): string {
    return this.#text;
  }

  /** The page has ended the stream, the reader left, or the process is gone. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** For the request. It aborts when the reading is over. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  set isSlow(isSlow: boolean) {
    this.#isSlow = isSlow;
    if (!isSlow) this.#unsent = 0;
  }

  /** Listens to the stream of the answer, if it has one. */
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

  /** The reader or the process is gone. */
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
