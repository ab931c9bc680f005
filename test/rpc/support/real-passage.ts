/** Real time passes by itself. */
import type { Passage } from '../../support/conformance/index.ts';

export function realPassage(cleanup: () => Promise<void> = async () => {}): Passage {
  return {
    advance: (ms) => new Promise((resolve) => setTimeout(resolve, ms + 2)),
    until: (promise) => promise,
    cleanup,
  };
}
