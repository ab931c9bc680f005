/**
 * The telemetry of a server: metrics, counted as calls are answered or read at a scrape, and events on Node's
 * diagnostics channels.
 */
import { channel } from 'node:diagnostics_channel';
import {
  CallMeter,
  type CallObserver,
  type FailureName,
  type PageAnswer,
  type Params,
  type RefusalKind,
  showMetrics,
} from '@understudy/rpc';
import type { View } from '@understudy/sysmonitor';
import type { ServerStatus } from './contract.ts';
import type { ReplicaNotice } from './core/effect.ts';
import type { ReplicaInspection } from './core/inspection.ts';
import { SERVER_METRICS, type ViewChanges } from './server-metrics.ts';

/** Published on `understudy:operation` when a server has answered an operation of a client. */
export interface OperationEvent {
  /** The server's address. */
  readonly server: string;
  /**
   * The name without `kv.`: `get`, `put`, `append`, `putHash`, `delete`, `cas`, `scan`, `openSession`, `closeSession`,
   * `openSnapshot`.
   */
  readonly operation: string;
  readonly key?: string;
  readonly session?: string;
  readonly seq?: number;
  /** The time from the arrival of the request to its answer. */
  readonly durationMs: number;
  /** Undefined if the operation succeeded. A retry by the client is an event of its own. */
  readonly failure: FailureName | undefined;
}

/** Published on `understudy:view` when a server learns of a newer view. */
export interface ViewEvent {
  readonly server: string;
  readonly view: View;
  /** The role of this server in the view. */
  readonly role: ServerStatus['role'];
}

export interface TelemetryParts {
  readonly server: () => string;
  readonly status: () => ServerStatus;
  readonly inspection: () => ReplicaInspection;
  readonly refusals: Readonly<Record<RefusalKind, number>>;
  /** Returns the time in milliseconds, on the clock of the replica. */
  readonly now: () => number;
  /** The number of unanswered requests for keys over plain HTTP. */
  readonly passedOn: () => number;
  /** The number of records that the log of this process has dropped so far. */
  readonly droppedLogRecords: () => number;
}

const OPERATIONS = new Set(
  ['get', 'put', 'append', 'putHash', 'delete', 'cas', 'scan', 'openSession', 'closeSession', 'openSnapshot'].map(
    (name) => `kv.${name}`,
  ),
);

/** The short name of a client's operation; undefined for other methods. */
export function operationOf(method: string): string | undefined {
  return OPERATIONS.has(method) ? method.slice('kv.'.length) : undefined;
}

export class Telemetry implements CallObserver {
  readonly #parts: TelemetryParts;
  readonly meter = new CallMeter();
  readonly #operations = channel('understudy:operation');
  readonly #views = channel('understudy:view');
  readonly #viewChanges: ViewChanges = { primary: 0, backups: 0, runs: 0 };
  #view: View | undefined;
  #monitorsDisagree = false;

  constructor(parts: TelemetryParts) {
    this.#parts = parts;
  }

  answered(method: string, params: Params, tookMs: number, failure: FailureName | undefined): void {
    this.meter.answered(method, params, tookMs, failure);
    if (this.#operations.hasSubscribers && OPERATIONS.has(method)) this.#publish(method, params, tookMs, failure);
  }

  view({ view, role }: ReplicaNotice & { kind: 'view' }): void {
    this.#viewChanges[changeBetween(this.#view, view)] += 1;
    this.#view = view;
    if (!this.#views.hasSubscribers) return;
    this.#views.publish({ server: this.#parts.server(), view, role } satisfies ViewEvent);
  }

  monitorsDisagree(holds: boolean): void {
    this.#monitorsDisagree = holds;
  }

  /** Renders the page `/metrics`. */
  metrics(): Promise<PageAnswer> {
    const { status, inspection, refusals, now, passedOn, droppedLogRecords } = this.#parts;
    const read = () => ({
      status: status(),
      replica: inspection(),
      now: now(),
      passedOn: passedOn(),
      refusals,
      viewChanges: this.#viewChanges,
      monitorsDisagree: this.#monitorsDisagree,
      droppedLogRecords: droppedLogRecords(),
    });
    return showMetrics([...SERVER_METRICS, ...this.meter.metrics], read);
  }

  #publish(method: string, { key, session, seq }: Params, durationMs: number, failure: FailureName | undefined): void {
    this.#operations.publish({
      server: this.#parts.server(),
      operation: method.slice('kv.'.length),
      ...(typeof key === 'string' && { key }),
      ...(typeof session === 'string' && { session }),
      ...(typeof seq === 'number' && { seq }),
      durationMs,
      failure,
    } satisfies OperationEvent);
  }
}

/**
 * What changed between two views: the primary, the backups, or only another run of the same server, or just the number.
 */
function changeBetween(before: View | undefined, view: View): keyof ViewChanges {
  if (before?.primary !== view.primary) return 'primary';
  const isSame =
    before.backups.length === view.backups.length && view.backups.every((it) => before.backups.includes(it));
  return isSame ? 'runs' : 'backups';
}
