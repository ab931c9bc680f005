/** What goes wrong in a real network under test: who cannot reach whom, what is lost, what is kept back. */
import type { Address, Random } from '@understudy/rpc';

/** What becomes of a call. */
export type Fate = 'good' | 'request-lost' | 'reply-lost';

interface HeldLink {
  readonly from: string;
  readonly to: string;
  /** Let the requests go that are kept back. */
  readonly waiting: (() => void)[];
}

/** As in the 6.824 lab. */
const LOSE_REQUEST = 0.1;
const LOSE_REPLY = 0.2;

export class NetworkFaults {
  readonly #random: Random;
  readonly #owners = new Map<Address, string>();
  readonly #cuts = new Set<string>();
  readonly #calls = new Map<string, number>();
  #holds: HeldLink[] = [];
  /** Names of processes; the requests to them, and the replies, may be lost. */
  isUnreliable: (process: string) => boolean = () => false;

  constructor(random: Random) {
    this.#random = random;
  }

  /** This process listens, or will, at that address. */
  name(process: string, address: Address): void {
    this.#owners.set(address, process);
  }

  ownerOf(address: Address): string {
    return this.#owners.get(address) ?? address;
  }

  addressOf(process: string): Address | undefined {
    for (const [address, owner] of this.#owners) if (owner === process) return address;
    return undefined;
  }

  /** Calls to a process that were not lost on their way. */
  callsTo(process: string): number {
    return this.#calls.get(process) ?? 0;
  }

  count(process: string): void {
    this.#calls.set(process, this.callsTo(process) + 1);
  }

  cut(one: string, other: string): void {
    this.#cuts.add(linkOf(one, other)).add(linkOf(other, one));
  }

  heal(): void {
    this.#cuts.clear();
  }

  isCut(from: string, to: string): boolean {
    return this.#cuts.has(linkOf(from, to));
  }

  draw(to: string): Fate {
    if (!this.isUnreliable(to)) return 'good';
    if (this.#random.number() < LOSE_REQUEST) return 'request-lost';
    return this.#random.number() < LOSE_REPLY ? 'reply-lost' : 'good';
  }

  hold(from: string, to: string): { readonly held: number; release(): void } {
    const hold: HeldLink = { from, to, waiting: [] };
    this.#holds.push(hold);
    return {
      get held() {
        return hold.waiting.length;
      },
      release: () => {
        this.#holds = this.#holds.filter((other) => other !== hold);
        for (const go of hold.waiting.splice(0)) go();
      },
    };
  }

  /** Undefined where nothing is kept back; else resolves when it may go on. */
  heldBack(from: string, to: string): Promise<void> | undefined {
    const hold = this.#holds.find((other) => other.from === from && other.to === to);
    return hold && new Promise((resolve) => hold.waiting.push(resolve));
  }
}

function linkOf(from: string, to: string): string {
  return `${from} > ${to}`;
}
