/**
 * How fast the answers of one batch, or of one HTTP request, may become text. The connection that they are for decides
 * this.
 */
import type { AnswerQueue, Draft } from './answer-queue.ts';
import type { TextShare } from './text-share.ts';

export interface Pace {
  /** Whether `answer`, which is not text yet, must wait. */
  mustWait(answer: unknown): boolean;
  /** Calls `draft.write` when there is room. */
  later(draft: Draft): void;
  /** Counts characters of text that are held until the whole answer is text; a negative number releases them. */
  hold(units: number): void;
}

/** A draft that becomes text in one piece. */
export function draftOf(make: () => void): { readonly write: () => boolean } {
  const write = (): boolean => {
    make();
    return true;
  };
  return { write };
}

/** The pace of a connection with one answer at a time: only the share of a turn matters. */
export function paceOf(textShare: TextShare): Pace {
  const hasRoom = (): boolean => textShare.hasRoom;
  return {
    mustWait: (answer) => textShare.mustWait(answer),
    later: (draft) => textShare.wait(() => draft.write(hasRoom)),
    hold: () => {},
  };
}

/** The pace of a connection that queues its answers. */
export class QueuePace implements Pace {
  /** The characters held for incomplete answers to batches. */
  heldUnits = 0;
  readonly #answers: AnswerQueue;
  readonly #note: (units: number) => void;
  readonly #flushLater: () => void;

  constructor(answers: AnswerQueue, note: (units: number) => void, flushLater: () => void) {
    this.#answers = answers;
    this.#note = note;
    this.#flushLater = flushLater;
  }

  readonly mustWait = (answer: unknown): boolean => this.#answers.mustWait(answer);

  later(draft: Draft): void {
    this.#answers.addDraft(draft);
    this.#flushLater();
  }

  hold(units: number): void {
    this.heldUnits += units;
    if (units > 0) this.#note(units);
  }
}
