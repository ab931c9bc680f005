/** The Content-Security-Policy of the page: only its own files, and connections only to the nodes of the cluster. */
import { isIPv6 } from 'node:net';
import type { Address } from '@understudy/rpc';

/** `nodes` are the other nodes that the page may ask, as known when the page, or a worker of it, is loaded. */
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

/** Browsers, proxies and Node's own client refuse long headers, so only the nodes named first are kept. */
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
 * Only text that cannot extend the policy, because addresses come from pings. The grammar has no place for an IPv6
 * literal (CSP Level 3, 2.3.1), so for such a node the policy names its port at any host. Only the page's own scripts
 * could use that.
 */
function sourceOf(node: Address): string | undefined {
  if (NAMED.test(node)) return `http://${node}`;
  const [, host = '', port] = LITERAL.exec(node) ?? [];
  return isIPv6(host) ? `http://*:${port}` : undefined;
}

const NAMED = /^[a-z0-9.-]+:\d{1,5}$/i;
const LITERAL = /^\[([0-9a-f:.]+)\]:(\d{1,5})$/i;
