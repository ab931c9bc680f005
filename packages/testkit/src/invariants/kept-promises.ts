/**
 * A backup promises its primary that it will not act as primary of a later view for some time (L1). The promise ends early only by a
 * release that this very run of the primary has sent to this backup, in the view of the promise or in a later one (L6). The invariant
 * follows the releases that primaries send, so a forged one ends nothing; nor does a late one, of a view in which the primary has taken
 * its leave back since.
 */
import type { ReplicaInspection } from '@understudy/kvservice';
import type { Invariant, ObservedStep } from './invariant.ts';

interface Promised {
  /** On the clock of the server that promised. */
  readonly untilMs: number;
  /** The view in which it promised last. */
  readonly viewnum: number;
}

export class KeptPromises implements Invariant {
  readonly property = "a promise ends early only by its own primary's release";
  readonly rules = 'L1, L6';
  /** What each run of a server has promised, by the incarnation of the primary. */
  readonly #promises = new WeakMap<ReplicaInspection, Map<string, Promised>>();
  /** By sender's incarnation and receiver: the highest view of a release that was sent. */
  readonly #released = new Map<string, number>();

  onReplica({ event, effects, replica }: ObservedStep): string | undefined {
    if (effects.length === 0) return undefined;
    this.#noteReleases(effects);
    const promises = this.#promises.get(replica) ?? new Map<string, Promised>();
    this.#promises.set(replica, promises);
    if (event.kind === 'message' && event.message.kind === 'release')
      this.#end(promises, event.message, replica.server);
    return check(promises, replica);
  }

  #noteReleases(effects: ObservedStep['effects']): void {
    for (const effect of effects) {
      if (effect.kind !== 'send' || effect.message.kind !== 'release') continue;
      const { incarnation, viewnum } = effect.message;
      const name = `${incarnation} ${effect.to}`;
      this.#released.set(name, Math.max(viewnum, this.#released.get(name) ?? 0));
    }
  }

  #end(promises: Map<string, Promised>, { incarnation }: { readonly incarnation: string }, server: string): void {
    const promised = promises.get(incarnation);
    const released = this.#released.get(`${incarnation} ${server}`) ?? 0;
    if (promised !== undefined && promised.viewnum <= released) promises.delete(incarnation);
  }
}

function check(promises: Map<string, Promised>, replica: ReplicaInspection): string | undefined {
  const { promisedUntil, now, view, server } = replica;
  let expected = -Infinity;
  for (const [incarnation, { untilMs }] of promises) {
    if (untilMs <= now) promises.delete(incarnation);
    else if (promisedUntil < untilMs) {
      return `${server} ended ${(untilMs - now).toFixed(0)} ms early what it had promised to run ${incarnation}`;
    } else expected = Math.max(expected, untilMs);
  }
  const primary = view.incarnations?.[view.primary] ?? '';
  if (promisedUntil > expected && promisedUntil > now) {
    promises.set(primary, { untilMs: promisedUntil, viewnum: view.viewnum });
  }
  return undefined;
}
