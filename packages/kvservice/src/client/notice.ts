/** The notices of a client: enough for one readable line each. */
import type { FailureName } from '@understudy/rpc';
import type { View } from '@understudy/sysmonitor';

export type ClientNotice =
  | {
      /** A try failed, and the operation continues. */
      readonly kind: 'retry';
      /** For example `put`; `openSession` for an operation of the client itself. */
      readonly operation: string;
      /** The name of the failure of the try. */
      readonly reason: FailureName;
      readonly message: string;
      /** The server that was tried. */
      readonly server: string;
    }
  | {
      /** The client asks the monitor for the view (C1). */
      readonly kind: 'asking';
    }
  | {
      /** The monitor gave no view. The client continues with the last known primary. */
      readonly kind: 'unanswered';
      readonly reason: FailureName;
      readonly message: string;
    }
  | {
      /** The monitors disagree. `views` says in words what each of them reported. */
      readonly kind: 'monitors-disagree';
      readonly views: string;
    }
  | {
      /** The client learned a newer view. */
      readonly kind: 'view';
      readonly view: View;
      readonly source: 'monitor' | 'server';
    }
  | {
      /** Operations wait and nothing was answered for a long time. Reported once, until there is an answer again. */
      readonly kind: 'waiting';
      readonly operations: number;
      /** Milliseconds without an answer. */
      readonly ms: number;
      /** The known reasons, in words. */
      readonly reason: string;
      /** All of this in one sentence. */
      readonly message: string;
    }
  | {
      /** A session was opened (S1): the first one, or the replacement of a lost one. */
      readonly kind: 'session';
      readonly session: string;
    };

/**
 * Passes notices to the user's listener. A listener that throws affects no operation and shows as an unhandled
 * rejection.
 */
export class Announcer {
  readonly #listener: ((notice: ClientNotice) => void) | undefined;
  /** Called after each try or question, with its failure. */
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
