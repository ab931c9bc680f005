/** Describes what a client does while it retries: one line per problem, which grows until the problem is over. */
import type { ClientNotice } from '@understudy/kvservice';
import { type FailureName, unreachable } from '@understudy/rpc';
import type { View } from '@understudy/sysmonitor';
import { printable } from '../output/printable.ts';

/** Where the line goes. */
export interface GrowingLine {
  /** Adds to the line, or begins one. */
  grow(text: string): void;
  /** Ends the line, if there is one. */
  end(): void;
}

/** For example "primary 127.0.0.1:7001 is gone, asking the monitor ... now 127.0.0.1:7002, view 3". */
export class ClientNarrator {
  readonly #line: GrowingLine;
  /** The beginning of the line; undefined if there is none. */
  #trouble: string | undefined;
  /** The texts that were added, each once. */
  #added = new Set<string>();
  /** The number of questions since the client last learned something. */
  #questions = 0;
  #hasView = false;
  #isRunning = false;

  constructor(line: GrowingLine) {
    this.#line = line;
  }

  /**
   * An operation begins. Notices of the client between operations are not shown, for example that an earlier question
   * got no answer.
   */
  begin(): void {
    this.#isRunning = true;
  }

  tell(notice: ClientNotice): void {
    if (!this.#isRunning) {
      if (notice.kind === 'view') this.#hasView = true;
      return;
    }
    switch (notice.kind) {
      case 'retry':
        return this.#begin(troubleWith(notice));
      case 'asking':
        return this.#tellAsking();
      case 'unanswered':
        if (this.#trouble === undefined) this.#begin('asking the monitor ...');
        return this.#add(` no answer (${notice.message}), trying on ...`);
      case 'monitors-disagree':
        if (this.#trouble === undefined) this.#begin('asking the monitors ...');
        return this.#add(` the monitors disagree (${notice.views}) ...`);
      case 'view':
        return this.#tellView(notice.view);
      case 'session':
        if (this.#trouble?.includes('session') === true) this.#add(' done');
        return;
      case 'waiting':
        return; // Its reasons were reported when they occurred.
      default:
        return unreachable(notice);
    }
  }

  /** The operation has ended, whatever its outcome. */
  end(): void {
    this.interrupt();
    this.#isRunning = false;
  }

  /** Something else is about to be shown. The operation may continue. */
  interrupt(): void {
    this.#questions = 0;
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.#line.end();
  }

  /** Without an earlier failure, only a repeated question is worth reporting: there is no primary yet. */
  #tellAsking(): void {
    this.#questions += 1;
    if (this.#trouble !== undefined) return this.#add(ASKING);
    if (this.#questions > 1) this.#begin('there is no primary yet, asking the monitor ...');
  }

  /** The first view that a client learns is only worth reporting if the user waits for it. */
  #tellView({ viewnum, primary }: View): void {
    const isExpected = !this.#hasView && this.#trouble === undefined;
    this.#hasView = true;
    this.#questions = 0;
    if (isExpected) return;
    if (this.#trouble === undefined) this.#begin('a new view:');
    this.#add(primary === '' ? ` nobody, view ${viewnum} ...` : ` now ${primary}, view ${viewnum}`);
    if (primary !== '') this.interrupt();
  }

  #begin(trouble: string): void {
    if (trouble === this.#trouble) return;
    if (this.#trouble !== undefined) this.#line.end();
    this.#trouble = trouble;
    this.#added = new Set([trouble]);
    this.#line.grow(printable(trouble));
  }

  #add(text: string): void {
    // A line that begins with asking need not repeat it.
    if (this.#added.has(text) || (text === ASKING && this.#trouble?.endsWith('...'))) return;
    this.#added.add(text);
    this.#line.grow(printable(text));
  }
}

const ASKING = ', asking the monitor ...';

const TROUBLES: Partial<Record<FailureName, (server: string) => string>> = {
  UNREACHABLE: (server) => `primary ${server} is gone`,
  CONNECTION_LOST: (server) => `primary ${server} is gone`,
  TIMEOUT: (server) => `primary ${server} does not answer`,
  NOT_PRIMARY: (server) => `${server} is not primary any more`,
  STALE_VIEW: (server) => `${server} is not primary any more`,
  OUTCOME_UNKNOWN: (server) => `${server} is not primary any more`,
  NOT_READY: (server) => `primary ${server} is not ready yet`,
  OVERLOADED: (server) => `primary ${server} has too much to do, waiting ...`,
  SESSION_UNKNOWN: (server) => `primary ${server} does not know this session any more, opening another ...`,
};

function troubleWith({ server, reason, message }: ClientNotice & { kind: 'retry' }): string {
  return TROUBLES[reason]?.(server) ?? `primary ${server}: ${message}`;
}
