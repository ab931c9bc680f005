/** One who listens to the feed: told as fast as he reads, and given up when he does not. */
import type { PageOutlet } from '@understudy/rpc';

/** With more than this unread he is told no samples: a later one says all that they would have. */
const UNREAD_FOR_SAMPLES = 64 * 1024;
/** With more than this unread, or with too much for samples for so long, he is given up; an EventSource that still lives comes back and begins anew. */
const UNREAD_AT_MOST = 512 * 1024;
const BEHIND_AT_MOST_MS = 10_000;

export class Viewer {
  readonly #outlet: PageOutlet;
  /** Since when he has been too far behind for samples; undefined: he is not. */
  #behindSince: number | undefined;

  constructor(outlet: PageOutlet) {
    this.#outlet = outlet;
  }

  /** What he must not miss. False: he is too slow, and was given up. */
  tell(event: string): boolean {
    if (this.#outlet.unsentBytes > UNREAD_AT_MOST) return this.#giveUp();
    this.#outlet.write(event);
    return true;
  }

  /** What the next one of its kind makes up for. `now`: milliseconds. False: as above. */
  show(event: string, now: number): boolean {
    if (this.#outlet.unsentBytes <= UNREAD_FOR_SAMPLES) {
      this.#behindSince = undefined;
      this.#outlet.write(event);
      return true;
    }
    this.#behindSince ??= now;
    return now - this.#behindSince < BEHIND_AT_MOST_MS || this.#giveUp();
  }

  end(): void {
    this.#outlet.end();
  }

  #giveUp(): boolean {
    this.#outlet.end();
    return false;
  }
}

/** One server-sent event (WHATWG HTML, 9.2): JSON has no line breaks of its own. */
export function eventText(kind: 'hello' | 'notice' | 'sample', data: object): string {
  return `event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;
}
