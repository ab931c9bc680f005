/**
 * How fast the answers of one batch, or of one HTTP request, may become text: given by the connection that they are
 * for.
 */
import type { AnswerQueue, Draft } from './answer-queue.ts';
import type { TextShare } from './text-share.ts';

export interface Pace {
  /** Whether `answer`, which is not text yet, must wait. */
  mustWait(answer: unknown): boolean;
  /** Calls `draft.write` when there is room. */
  later(draft: Draft): void;
  /** So many characters of text are held more, or fewer where it is negative, until the whole answer is text. */
  hold(units: number): void;
}

/** What is made in one piece. */
export function draftOf(make: () => void): { readonly write: () => boolean } {
  const write = (): boolean => {
    make();
    return true;
  };
  return { write };
}

/** Of a connection that has one answer at a time: only the share of a turn counts. */
export function paceOf(textShare: TextShare): Pace {
  const hasRoom = (): boolean => textShare.hasRoom;
  return {
    mustWait: (answer) => textShare.mustWait(answer),
    later: (draft) => textShare.wait(() => draft.write(hasRoom)),
    hold: () => {},
  };
}

/** Of a connection whose answers stand in a queue. */
export class QueuePace implements Pace {
  /** Characters of answers to batches that are not whole yet. */
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
