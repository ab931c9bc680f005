/**
 * A backup promises its primary that it will not act as primary of a later view for some time (L1). Only a release ends
 * the promise early: one that this run of the primary sent to this backup, in the view of the promise or in a later one
 * (L6). The invariant follows the releases that primaries send. So a forged release ends nothing, nor does a late one
 * of a view in which the primary has taken back its leave since.
 */
import type { ReplicaInspection } from '@understudy/kvservice';
import type { Invariant, ObservedStep } from './invariant.ts';

interface Promised {
  /** A time on the clock of the server that promised. */
  readonly untilMs: number;
  /** The view of its last promise. */
  readonly viewnum: number;
}

export class KeptPromises implements Invariant {
  readonly property = "a promise ends early only by its own primary's release";
  readonly rules = 'L1, L6';
  /** The promises of each run of a server, by the incarnation of the primary. */
  readonly #promises = new WeakMap<ReplicaInspection, Map<string, Promised>>();
  /** The highest view of a release that was sent, by the sender's incarnation and the receiver. */
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
