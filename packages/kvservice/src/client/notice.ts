/** What a client says about itself while it works: enough for one readable line each. */
import type { FailureName } from '@understudy/rpc';
import type { View } from '@understudy/sysmonitor';

export type ClientNotice =
  | {
      /** A try failed and the operation goes on. */
      readonly kind: 'retry';
      /** Such as `put`; `openSession` for the client's own. */
      readonly operation: string;
      /** Name of the failure that the try ended with. */
      readonly reason: FailureName;
      readonly message: string;
      /** Where the try went. */
      readonly server: string;
    }
  | {
      /** The monitor is being asked for the view (C1). */
      readonly kind: 'asking';
    }
  | {
      /** The monitor did not tell the view; the last known primary is tried on. */
      readonly kind: 'unanswered';
      readonly reason: FailureName;
      readonly message: string;
    }
  | {
      /** Several monitors are not of one state; `views` is what each of them says, in words. */
      readonly kind: 'monitors-disagree';
      readonly views: string;
    }
  | {
      /** A newer view was learned. */
      readonly kind: 'view';
      readonly view: View;
      readonly source: 'monitor' | 'server';
    }
  | {
      /** Operations wait, and nothing was answered for a long time; said once, until something is answered again. */
      readonly kind: 'waiting';
      readonly operations: number;
      /** Milliseconds without an answer. */
      readonly ms: number;
      /** What is known of it, in words. */
      readonly reason: string;
      /** All of this in one line. */
      readonly message: string;
    }
  | {
      /** A session was opened (S1): the first, or one in place of a lost one. */
      readonly kind: 'session';
      readonly session: string;
    };

/** Gives notices to the user's listener; one that throws harms no operation and shows as an unhandled rejection. */
export class Announcer {
  readonly #listener: ((notice: ClientNotice) => void) | undefined;
  /** Told when something was tried, or asked; with how it failed. */
  onTry: (failure: string) => void = () => {};

  constructor(listener: ((notice: ClientNotice) => void) | undefined) {
    this.#listener = listener;
  }

  say(notice: ClientNotice): void {
    if (notice.kind === 'retry') this.onTry(notice.message);
    else if (notice.kind === 'asking' || notice.kind === 'unanswered') this.onTry('');
    try {
      this.#listener?.(notice);
    } catch (error) {
      void Promise.reject(error);
    }
  }
}
