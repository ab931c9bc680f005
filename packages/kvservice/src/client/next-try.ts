/**
 * Decides when to retry after a try without an answer: when there is a newer view, or when it is time to send again,
 * whichever comes first (C2).
 */
import type { Clock, Random, RoundTrips, UnderstudyError } from '@understudy/rpc';
import type { View } from '@understudy/sysmonitor';
import type { Effort } from './effort.ts';
import type { Settings } from './options.ts';
import { jittered } from './retry-policy.ts';
import type { ViewCache } from './view-cache.ts';

export interface NextTryParts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  readonly views: ViewCache;
  readonly roundTrips: RoundTrips;
}

export class NextTry {
  readonly #parts: NextTryParts;

  constructor(parts: NextTryParts) {
    this.#parts = parts;
  }

  /**
   * Resolves when the next try is due. A try without an answer is not repeated soon, because the answer may still
   * arrive, and then counts. Meanwhile the monitor is asked repeatedly, so the client leaves a server that hangs as
   * soon as there is a newer view, however long the pause is.
   */
  async due(effort: Effort, failure: UnderstudyError): Promise<void> {
    const { views, settings, random, clock } = this.#parts;
    const tried = effort.view ?? views.known;
    const repeatAtMs = this.#repeatAtMs(effort);
    await effort.late.orElse(views.newer(tried, effort));
    if (failure.name !== 'TIMEOUT' || !this.#isStillWaiting(effort, tried)) return;
    // The server hangs. Another try might hang as long, so first ask whether the monitor has replaced that server.
    const patience = { ms: jittered(settings.pingIntervalMs, random), value: undefined };
    await effort.late.orElse(views.answer(effort, patience));
    while (this.#isStillWaiting(effort, tried)) {
      const restMs = repeatAtMs - clock.now();
      if (restMs <= 0) return;
      await effort.late.orElse(views.change(tried, effort, Math.min(restMs, settings.tryTimeoutMs)));
      if (this.#isStillWaiting(effort, tried)) await effort.late.orElse(views.newer(tried, effort));
    }
  }

  /** The time on the clock at which a try that may only be slow is worth repeating. */
  #repeatAtMs({ server, slow, tries }: Effort): number {
    if (slow === undefined) return -Infinity;
    return this.#parts.clock.now() + this.#parts.roundTrips.repeatAfterMs(server, { ...slow, tries });
  }

  #isStillWaiting({ lateAnswer }: Effort, tried: View): boolean {
    return lateAnswer === undefined && this.#parts.views.known === tried;
  }
}
