/** In each view, one run of one server acts as primary, and no other. */
import type { View } from '@understudy/sysmonitor';
import type { Invariant, ObservedStep } from './invariant.ts';

export class OnePrimary implements Invariant {
  readonly property = 'one primary acts in a view';
  readonly rules = 'R8, V11';
  readonly looksAt = 'state';
  readonly #actors = new Map<string, string>();
  /** The view of each replica that was checked already. */
  readonly #known = new WeakMap<object, View>();

  onReplica({ replica }: ObservedStep): string | undefined {
    if (replica.role !== 'primary' || this.#known.get(replica) === replica.view) return undefined;
    const { view, server, incarnation } = replica;
    this.#known.set(replica, view);
    const name = `${view.viewnum} of ${view.cluster}`;
    const actor = `${server} (${incarnation})`;
    const known = this.#actors.get(name);
    if (known === undefined) this.#actors.set(name, actor);
    return known === undefined || known === actor ? undefined : `${known} and ${actor} both act in view ${name}`;
  }
}
