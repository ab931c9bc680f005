/** A viewer of the feed. It gets events as fast as it reads them, and is disconnected if it is too slow. */
import type { PageOutlet } from '@understudy/rpc';

/** With more than this unread, the viewer gets no samples. A later sample contains everything that it missed. */
const UNREAD_FOR_SAMPLES = 64 * 1024;
/**
 * With more than this unread, or if it is too far behind for samples for too long, the viewer is disconnected. An
 * EventSource that is still alive reconnects and begins anew.
 */
const UNREAD_AT_MOST = 512 * 1024;
const BEHIND_AT_MOST_MS = 10_000;

export class Viewer {
  readonly #outlet: PageOutlet;
  /** Since when the viewer has been too far behind for samples; undefined if it is not. */
  #behindSince: number | undefined;

  constructor(outlet: PageOutlet) {
    this.#outlet = outlet;
  }

  /** Sends an event that the viewer must not miss. False: the viewer is too slow and was disconnected. */
  tell(event: string): boolean {
    if (this.#outlet.unsentBytes > UNREAD_AT_MOST) return this.#giveUp();
    this.#outlet.write(event);
    return true;
  }

  /** Sends an event that the next one of its kind replaces. `now` is in milliseconds. False: as above. */
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

/** One server-sent event (WHATWG HTML, 9.2). JSON contains no line breaks. */
export function eventText(kind: 'hello' | 'notice' | 'sample', data: object): string {
  return `event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;
}
