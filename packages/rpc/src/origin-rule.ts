/**
 * Decides which web pages may send requests here: those from this listener or from another node of the cluster, and no
 * others.
 */
import type { Address, Neighbours } from './transport.ts';

/** Browsers state the origin of every request that a page may not send without permission. */
export class OriginRule {
  readonly #neighbours: Neighbours | undefined;

  constructor(neighbours: Neighbours | undefined) {
    this.#neighbours = neighbours;
  }

  /**
   * @param host The Host header. It was checked before; otherwise a stranger's name for this machine would count as
   * this server's own.
   */
  letsIn(origin: string, host: string): boolean | Promise<boolean> {
    const [, from] = /^http:\/\/([^/]+)$/.exec(origin.toLowerCase()) ?? [];
    if (from === undefined) return false; // "null" and https are refused too
    if (from === host.toLowerCase()) return true;
    return this.#isNeighbour(nameOf(from));
  }

  #isNeighbour(from: Address): boolean | Promise<boolean> {
    const neighbours = this.#neighbours;
    if (neighbours === undefined) return false;
    const isKnown = (): boolean => [...neighbours.known()].some((known) => nameOf(known) === from);
    if (isKnown()) return true;
    return neighbours.refresh === undefined ? false : neighbours.refresh().then(isKnown);
  }
}

/** The headers that let a page of another origin read the answer. */
export function leaveFor(origin: string): Readonly<Record<string, string>> {
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': 'ETag, Retry-After',
    Vary: 'Origin',
  };
}

/** The headers that let such a page send a request that a form could not send. */
export function preflightLeave(methods: readonly string[]): Readonly<Record<string, string>> {
  return {
    'Access-Control-Allow-Methods': methods.join(', '),
    'Access-Control-Allow-Headers': 'Content-Type, If-Match, If-None-Match',
    'Access-Control-Max-Age': '600',
  };
}

/** Normalizes `host:port`: a browser leaves out port 80, and `localhost` is the same as 127.0.0.1. */
function nameOf(address: Address): Address {
  const lower = address.toLowerCase();
  const whole = /:\d+$/.test(lower) ? lower : `${lower}:80`;
  return whole.replace(/^localhost:/, '127.0.0.1:');
}
