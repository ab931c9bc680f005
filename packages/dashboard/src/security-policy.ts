/** The Content-Security-Policy of the page: its own files and nothing else, and connections to the nodes of the cluster. */
import type { Address } from '@understudy/rpc';

/** `nodes`: others that the page may ask, as far as they are known when it is loaded. */
export function securityPolicy(nodes: readonly Address[]): string {
  const others = nodes.filter((node) => NODE.test(node)).map((node) => ` http://${node}`);
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self'${others.join('')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** What a policy can name, and what cannot add to it: an address comes from whoever pings. IPv6 literals have no place in this grammar. */
const NODE = /^[a-z0-9.-]+:\d{1,5}$/i;
