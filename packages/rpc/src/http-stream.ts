/** What a page says bit by bit, as chunks of one HTTP answer. */
import type { ServerResponse } from 'node:http';
import type { PageOutlet } from './page.ts';

/** A reader that has left more than `maxUnsentBytes` unread when more is said is cut off: memory never grows by one that is slow. */
export function outletOf(response: ServerResponse, maxUnsentBytes: number): PageOutlet {
  return {
    get unsentBytes() {
      return response.writableLength;
    },
    write(text) {
      if (response.writableEnded || response.destroyed) return;
      if (response.writableLength > maxUnsentBytes) response.destroy();
      else response.write(text);
    },
    end: () => void response.end(),
  };
}
