/** Addresses: `host:port` as text, and its parts. */
import { isIPv6 } from 'node:net';
import { UnderstudyError } from './failure.ts';
import type { Address } from './transport.ts';

export interface HostPort {
  /** A name or an IP address, without brackets. */
  readonly host: string;
  /** 0 to 65,535; 0 means "any free one" where a listener takes it. */
  readonly port: number;
}

/**
 * Parses `host:port`, or `[host]:port` for IPv6. A wrong address is INVALID_PARAMS, and the message names the `option`
 * that it came from.
 */
export function parseAddress(text: unknown, option = 'address'): HostPort {
  const parts = typeof text === 'string' ? /^(?:\[([^\]]*)\]|([^\s:[\]/@]+)):(\d{1,5})$/.exec(text) : null;
  if (parts === null) throw wrongAddress(option, text, 'is not HOST:PORT ([HOST]:PORT for IPv6)');
  const [, bracketed, name, digits] = parts;
  const port = Number(digits);
  if (port > 65_535) throw wrongAddress(option, text, 'has a port over 65535');
  if (bracketed !== undefined && !isIPv6(bracketed))
    throw wrongAddress(option, text, 'has no IPv6 address in brackets');
  return { host: bracketed ?? name ?? '', port };
}

/** The most characters in a name, as for DNS host names. */
export const MAX_NAME = 253;

/**
 * Whether the text may be the name of a server: HOST:PORT, where HOST is a host name, an IPv4 address or an IPv6
 * address in brackets. Any sender can claim a name, and names go into logs, terminals, headers and pages. So no other
 * text is accepted, even if TCP could connect to it.
 */
export function isServerName(text: string): boolean {
  if (text.length > MAX_NAME) return false;
  const [, host, literal, port] = NAME.exec(text) ?? [];
  if (Number(port) < 1 || Number(port) > 65_535) return false;
  return host !== undefined || (literal !== undefined && isIPv6(literal));
}

const NAME = /^(?:([A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?)|\[([0-9A-Fa-f:.]+)\]):(\d{1,5})$/;

export function formatAddress({ host, port }: HostPort): Address {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Parses one or more addresses: "a:1,b:2", or a list. Duplicates are dropped. */
export function parseAddresses(addresses: unknown, option = 'addresses'): readonly Address[] {
  const list: readonly unknown[] =
    typeof addresses === 'string'
      ? addresses.split(',').map((part) => part.trim())
      : Array.isArray(addresses)
        ? addresses
        : [];
  if (list.length === 0) throw wrongAddress(option, addresses, 'is not HOST:PORT, or a list of them');
  return [...new Set(list.map((address) => formatAddress(parseAddress(address, option))))];
}

function wrongAddress(option: string, text: unknown, what: string): UnderstudyError {
  const shown = text === undefined ? 'nothing' : JSON.stringify(text);
  return new UnderstudyError('INVALID_PARAMS', `${option}: ${shown} ${what}`, { data: { field: option } });
}
