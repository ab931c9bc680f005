/** Records which nodes of a local cluster are cut off from which. */
import type { Address } from '@understudy/rpc';

/** Cut off from the monitor, or from all other servers. The monitor can only be cut off from the servers. */
export type Side = 'monitor' | 'servers';

export class Cuts {
  readonly #cut = new Map<Address, ReadonlySet<Side>>();

  /** Adds to the existing cuts. */
  cut(node: Address, sides: readonly Side[]): void {
    this.#cut.set(node, new Set([...this.of(node), ...sides]));
  }

  heal(node: Address): void {
    this.#cut.delete(node);
  }

  of(node: Address): readonly Side[] {
    return [...(this.#cut.get(node) ?? [])].sort();
  }

  /** The peers that `server` may not call. A monitor calls no node, so the servers enforce its cuts. */
  peersOf(server: Address, monitor: Address, servers: readonly Address[]): readonly Address[] {
    const fromMonitor = this.#has(server, 'monitor') || this.#has(monitor, 'servers');
    const others = servers.filter((other) => other !== server);
    const from = others.filter((other) => this.#has(server, 'servers') || this.#has(other, 'servers'));
    return fromMonitor ? [monitor, ...from] : from;
  }

  #has(node: Address, side: Side): boolean {
    return this.#cut.get(node)?.has(side) === true;
  }
}
