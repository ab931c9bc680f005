/** Counts the answers of a listener: durations by method, and failures by kind. */
import { DurationHistogram } from './duration-histogram.ts';
import type { FailureName } from './failure.ts';
import type { Metric } from './metrics.ts';
import type { CallObserver, Params } from './transport.ts';

export class CallMeter implements CallObserver {
  readonly #durations = new Map<string, DurationHistogram>();
  readonly #failures = new Map<string, Map<FailureName, number>>();

  answered(method: string, _params: Params, tookMs: number, failure: FailureName | undefined): void {
    let durations = this.#durations.get(method);
    if (durations === undefined) {
      durations = new DurationHistogram();
      this.#durations.set(method, durations);
    }
    durations.record(tookMs);
    if (failure !== undefined) this.#countFailure(method, failure);
  }

  #countFailure(method: string, failure: FailureName): void {
    const failures = this.#failures.get(method) ?? new Map<FailureName, number>();
    failures.set(failure, (failures.get(failure) ?? 0) + 1);
    this.#failures.set(method, failures);
  }

  /** The durations of answers, by method. */
  get durations(): ReadonlyMap<string, DurationHistogram> {
    return this.#durations;
  }

  /** The number of failures, by method and kind. */
  get failures(): ReadonlyMap<string, ReadonlyMap<FailureName, number>> {
    return this.#failures;
  }

  get metrics(): readonly Metric<unknown>[] {
    return [
      {
        kind: 'histogram',
        name: 'understudy_request_duration_seconds',
        help: 'From the arrival of a request to its answer, by method; those over plain HTTP count by the method that they come to.',
        labels: ['method'],
        read: () => [...this.#durations].map(([method, durations]) => ({ labels: { method }, durations })),
      },
      {
        kind: 'counter',
        name: 'understudy_request_failures_total',
        help: 'Requests that were answered with a failure, by method and name of the failure.',
        labels: ['method', 'failure'],
        read: () =>
          [...this.#failures].flatMap(([method, failures]) =>
            [...failures].map(([failure, value]) => ({ labels: { method, failure }, value })),
          ),
      },
    ];
  }
}
