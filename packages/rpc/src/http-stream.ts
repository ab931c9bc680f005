/** A streamed page: chunks of one HTTP answer. */
import type { ServerResponse } from 'node:http';
import type { PageOutlet } from './page.ts';

/**
 * A reader that has more than `maxUnsentBytes` unread when more is written is disconnected, so a slow reader never
 * makes memory grow.
 */
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
