/** What a test of the lab plays on: a cluster that it starts, breaks and asks, the same in virtual time and over real sockets. */
import type { KVClient, KVClientOptions, ServerStatus } from '@understudy/kvservice';

/** A view in names; no primary is "". */
export interface NamedView {
  readonly viewnum: number;
  readonly primary: string;
  readonly backups: readonly string[];
}

/** Requests that are kept back. */
export interface Hold {
  /** How many are kept back now. */
  readonly held: number;
  /** Lets them go on their way, and all later ones. */
  release(): void;
}

export interface Choices {
  /** An integer from `low` to `high`, both included. */
  integer(low: number, high: number): number;
  pick<T>(items: readonly T[]): T;
}

export interface Stage {
  readonly pingIntervalMs: number;
  /** After so many milliseconds without a ping a server counts as silent: the lab's PingInterval x DeadPings. */
  readonly deadMs: number;
  /** Milliseconds on the clock of the test. */
  readonly now: number;
  /** The test's own dice. */
  readonly choices: Choices;
  /** Starts a server; one of a name that was used before takes its old address, without its data. */
  startServer(name: string): Promise<void>;
  /** `kill -9`. Does nothing to a server that is dead. */
  crash(name: string): Promise<void>;
  client(name: string, options?: Partial<KVClientOptions>): KVClient;
  /** As the monitor has it. */
  readonly view: NamedView;
  /** The view is acknowledged: every member holds all the data. */
  readonly inSync: boolean;
  /** Of a server that runs. */
  status(name: string): ServerStatus;
  /** Requests that reached the monitor so far. */
  readonly monitorCalls: number;
  sleep(ms: number): Promise<void>;
  /** Fails when `predicate` does not come true in ten seconds. */
  until(predicate: () => boolean, what: string): Promise<void>;
  /**
   * From now on, of the requests to servers (to the monitor as well: everywhere) 10 % are lost, and 20 % of the others are executed
   * and the reply is lost.
   */
  unreliable(where: 'servers' | 'everywhere'): void;
  /** Nothing crosses between this server and the monitor. */
  cutFromMonitor(name: string): void;
  /** Nothing crosses between this server and the monitor or any other server that runs now; clients reach it. */
  isolate(name: string): void;
  /** Ends cuts. */
  heal(): void;
  /** Keeps back the requests of a client to a server, from now on. */
  hold(client: string, server: string): Hold;
  /** One request of a client to this very server, whatever its role, without any of the library's tries: the result, or why not. */
  ask(client: string, server: string, method: string, params: object, timeoutMs: number): Promise<Asked>;
}

export type Asked =
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'failure'; readonly name: string };
