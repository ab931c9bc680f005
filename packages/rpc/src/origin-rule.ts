/** Which web pages may ask here: those that came from this listener or from another node of the cluster, and no others. */
import type { Address, Neighbours } from './transport.ts';

/** Browsers name the origin of every request that a page may not send without leave. */
export class OriginRule {
  readonly #neighbours: Neighbours | undefined;

  constructor(neighbours: Neighbours | undefined) {
    this.#neighbours = neighbours;
  }

  /** `host`: the Host header, which was looked at before: else a stranger's name for this machine would pass as its own. */
  letsIn(origin: string, host: string): boolean | Promise<boolean> {
    const [, from] = /^http:\/\/([^/]+)$/.exec(origin.toLowerCase()) ?? [];
    if (from === undefined) return false; // "null" and https among them
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

/** The headers by which a page of another origin may read the answer. */
export function leaveFor(origin: string): Readonly<Record<string, string>> {
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': 'ETag, Retry-After',
    Vary: 'Origin',
  };
}

/** Those by which it may send a request that a form could not. */
export function preflightLeave(methods: readonly string[]): Readonly<Record<string, string>> {
  return {
    'Access-Control-Allow-Methods': methods.join(', '),
    'Access-Control-Allow-Headers': 'Content-Type, If-Match, If-None-Match',
    'Access-Control-Max-Age': '600',
  };
}

/** `host:port` in one spelling: a browser leaves out port 80, and `localhost` is whom others call 127.0.0.1. */
function nameOf(address: Address): Address {
  const lower = address.toLowerCase();
  const whole = /:\d+$/.test(lower) ? lower : `${lower}:80`;
  return whole.replace(/^localhost:/, '127.0.0.1:');
}
