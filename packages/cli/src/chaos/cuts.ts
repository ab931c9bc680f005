/** Who is cut off from whom in a local cluster. */
import type { Address } from '@understudy/rpc';

/** From the monitor, or from all other servers; the monitor itself can be cut off from the servers only. */
export type Side = 'monitor' | 'servers';

export class Cuts {
  readonly #cut = new Map<Address, ReadonlySet<Side>>();

  /** In addition to what is cut already. */
  cut(node: Address, sides: readonly Side[]): void {
    this.#cut.set(node, new Set([...this.of(node), ...sides]));
  }

  heal(node: Address): void {
    this.#cut.delete(node);
  }

  of(node: Address): readonly Side[] {
    return [...(this.#cut.get(node) ?? [])].sort();
  }

  /** Whom `server` may not call. A monitor calls nobody, so what it is cut off from is up to the servers. */
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
