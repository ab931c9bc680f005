/**
 * The network of a simulated world, as tests control it: every fault that it can have, and a record of every message.
 */
import { type Address, type PageAnswer, type Visit, visitPage } from '@understudy/rpc';
import type { Filter, Interceptor } from './interceptors.ts';
import { CALM, type LinkFaults } from './link.ts';
import type { Party } from './links.ts';
import type { Trace } from './message.ts';
import { PageReading } from './page-reading.ts';
import type { Defect, Router, Unreliability } from './router.ts';

/** As in the 6.824 lab. */
const LAB_UNRELIABILITY: Unreliability = { loseRequest: 0.1, loseReply: 0.2 };

export class SimulatedNetwork {
  readonly #router: Router;

  constructor(router: Router) {
    this.#router = router;
  }

  /** Every message: when it was sent, and its fate. */
  get trace(): Trace {
    return this.#router.trace;
  }

  /** Errors that methods threw and that are no answers. */
  get defects(): readonly Defect[] {
    return this.#router.defects;
  }

  /** Sets faults of every link, including links created later. */
  configure(faults: Partial<LinkFaults>): void {
    this.#router.links.configure(faults);
  }

  /** Sets faults of the link in one direction. */
  configureLink(from: Party, to: Party, faults: Partial<LinkFaults>): void {
    this.#router.links.configureLink(from, to, faults);
  }

  /**
   * Loses 10 % of the requests to these addresses (to all if `true`), and 20 % of the replies to the others, as in the
   * lab.
   */
  unreliable(to: boolean | readonly Address[], how: Unreliability = LAB_UNRELIABILITY): void {
    const addresses = new Set(typeof to === 'boolean' ? [] : to);
    this.#router.unreliabilityOf = (address) => (to === true || addresses.has(address) ? how : undefined);
  }

  /** From now on nothing crosses in either direction, including messages under way. */
  cut(one: Party, other: Party): void {
    this.cutOneWay(one, other);
    this.cutOneWay(other, one);
  }

  cutOneWay(from: Party, to: Party): void {
    this.#router.links.between(from, to).cut();
  }

  /** Cuts the links between any two processes of different groups. A process in no group keeps its links. */
  partition(groups: readonly (readonly Party[])[]): void {
    this.#router.links.partition(groups);
  }

  /** Messages under way, and messages sent from now on, wait until the link is mended. */
  clog(from: Party, to: Party): void {
    this.#router.links.between(from, to).clog();
  }

  /** Ends cuts and clogs between the two, in both directions. */
  mend(one: Party, other: Party): void {
    this.#router.links.between(one, other).mend();
    this.#router.links.between(other, one).mend();
  }

  /** Ends every cut and clog. Other faults stay. */
  heal(): void {
    this.#router.links.mendAll();
  }

  /** Ends every fault of every kind. Messages that interceptors hold continue. */
  calm(): void {
    this.configure(CALM);
    this.unreliable(false);
    this.heal();
    this.#router.interceptors.removeAll();
  }

  /**
   * From now on, this process reaches the listener at `to` when it calls `address`, as after an address has moved to
   * another machine.
   */
  moveAddress(caller: string, address: Address, to: Address): void {
    this.#router.addresses.move(caller, address, to);
  }

  /** Breaks the connections between the two: messages under way are lost, and their calls fail with CONNECTION_LOST. */
  reset(one: Party, other: Party): void {
    const nameOf = (party: Party) => this.#router.addresses.ownerOf(party) ?? party;
    this.#router.reset(nameOf(one), nameOf(other));
  }

  /** `filter` sees every message that leaves from now on, and may decide its fate. The first verdict counts. */
  intercept(filter: Filter): Interceptor {
    return this.#router.interceptors.add(filter);
  }

  /**
   * The answer to an HTTP request for this path and query, by GET unless `request` says otherwise. Undefined if there
   * is no such page. It passes over no link; only what the page itself sends does. Use `read` for a page that streams.
   */
  page(address: Address, target: string, request: Partial<Visit> = {}): Promise<PageAnswer | undefined> {
    const pages = this.#router.addresses.get(address)?.pages ?? {};
    const { signal } = new AbortController();
    return visitPage(pages, { method: 'GET', headers: {}, body: '', signal, ...request, target });
  }

  /**
   * Reads a page that streams, until the reader leaves, or the listener closes or dies. Undefined if there is no such
   * page.
   */
  async read(address: Address, target: string, request: Partial<Visit> = {}): Promise<PageReading | undefined> {
    const listening = this.#router.addresses.get(address);
    if (listening === undefined) return undefined;
    const reading = new PageReading((over) => listening.readings.delete(over));
    listening.readings.add(reading);
    const answer = await this.page(address, target, { ...request, signal: reading.signal });
    if (answer === undefined) reading.leave();
    else reading.begin(answer);
    return answer === undefined ? undefined : reading;
  }
}
