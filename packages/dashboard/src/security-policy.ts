/** The Content-Security-Policy of the page: its own files and nothing else, and connections to the nodes of the cluster. */
import { isIPv6 } from 'node:net';
import type { Address } from '@understudy/rpc';

/** `nodes`: others that the page may ask, as far as they are known when it, or a worker of it, is loaded. */
export function securityPolicy(nodes: readonly Address[]): string {
  const others = withinBytes(new Set(nodes.flatMap((node) => sourceOf(node) ?? [])));
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src ${["'self'", ...others].join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** Browsers and proxies refuse long headers, and so does Node's own client: the nodes that are named first are kept. */
const MOST_BYTES = 4_096;

function withinBytes(sources: Iterable<string>): readonly string[] {
  const kept: string[] = [];
  let bytes = 0;
  for (const source of sources) {
    bytes += source.length + 1;
    if (bytes > MOST_BYTES) return kept;
    kept.push(source);
  }
  return kept;
}

/**
 * What cannot add to the policy: an address comes from whoever pings. An IPv6 literal has no place in its grammar (CSP Level 3, 2.3.1), so for such a
 * node all there is to name is its port, at any host. No script but those of the page could make use of it.
 */
function sourceOf(node: Address): string | undefined {
  if (NAMED.test(node)) return `http://${node}`;
  const [, host = '', port] = LITERAL.exec(node) ?? [];
  return isIPv6(host) ? `http://*:${port}` : undefined;
}

const NAMED = /^[a-z0-9.-]+:\d{1,5}$/i;
const LITERAL = /^\[([0-9a-f:.]+)\]:(\d{1,5})$/i;
