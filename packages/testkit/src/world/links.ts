/** All links of a simulated network, created on demand, and their faults. */
import { CALM, type Link, type LinkFaults } from './link.ts';

/** The name of a process, or an address at which one listens or listened. */
export type Party = string;

export interface LinksOptions<Packet> {
  readonly create: (from: string, to: string, faults: LinkFaults) => Link<Packet>;
  /** The name of the process that a party stands for. */
  readonly nameOf: (party: Party) => string;
}

export class Links<Packet> {
  readonly #options: LinksOptions<Packet>;
  readonly #links = new Map<string, Map<string, Link<Packet>>>();
  #faults: LinkFaults = CALM;

  constructor(options: LinksOptions<Packet>) {
    this.#options = options;
  }

  /** The faults of every link without settings of its own. */
  get faults(): LinkFaults {
    return this.#faults;
  }

  /** @param from The name of a process, as is `to`. */
  get(from: string, to: string): Link<Packet> {
    let links = this.#links.get(from);
    if (links === undefined) {
      links = new Map();
      this.#links.set(from, links);
    }
    let link = links.get(to);
    if (link === undefined) {
      link = this.#options.create(from, to, this.#faults);
      links.set(to, link);
    }
    return link;
  }

  configure(faults: Partial<LinkFaults>): void {
    this.#faults = { ...this.#faults, ...faults };
    for (const link of this.#all()) link.faults = { ...link.faults, ...faults };
  }

  configureLink(from: Party, to: Party, faults: Partial<LinkFaults>): void {
    const link = this.between(from, to);
    link.faults = { ...link.faults, ...faults };
  }

  partition(groups: readonly (readonly Party[])[]): void {
    for (const group of groups) {
      const others = groups.filter((other) => other !== group).flat();
      for (const from of group) for (const to of others) this.between(from, to).cut();
    }
  }

  mendAll(): void {
    for (const link of this.#all()) link.mend();
  }

  between(from: Party, to: Party): Link<Packet> {
    return this.get(this.#options.nameOf(from), this.#options.nameOf(to));
  }

  *#all(): Generator<Link<Packet>> {
    for (const links of this.#links.values()) yield* links.values();
  }
}
