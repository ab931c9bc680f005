/** Parsers that turn the text of options into values, and the options that several commands share. */
import { formatAddress, isHostName, parseAddress } from '@understudy/rpc';
import { InvalidArgumentError, Option } from 'commander';

/** `HOST:PORT`, or `[HOST]:PORT` for IPv6. `PORT` and `:PORT` are on 127.0.0.1. */
export function address(text: string): string {
  const whole = /^:?\d+$/.test(text) ? `127.0.0.1:${text.replace(':', '')}` : text;
  try {
    return formatAddress(parseAddress(whole));
  } catch {
    throw new InvalidArgumentError('Expected HOST:PORT.');
  }
}

/**
 * Whether a listener takes all addresses of its machine (0.0.0.0, [::]). Other machines cannot connect to such an
 * address.
 */
export function isEverywhere(text: string): boolean {
  return /^(0\.0\.0\.0|0|[0:]*::[0:]*|0+(:0+){7})$/.test(parseAddress(text).host);
}

/** An address that others connect to. Its port is known. */
export function peerAddress(text: string): string {
  const peer = address(text.trim());
  if (parseAddress(peer).port === 0) throw new InvalidArgumentError('Port 0 is only for listening.');
  return peer;
}

/** One address, or several separated by commas. */
export function peerAddresses(text: string): readonly string[] {
  return [...new Set(text.split(',').map(peerAddress))];
}

/** A whole number from `least` to `most`. */
export function integer(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  const range = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`;
  return (text) => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`Expected a whole number ${range}.`);
    }
    return value;
  };
}

export function listenOption(): Option {
  return new Option('--listen <HOST:PORT>', 'where to listen; port 0 picks a free one')
    .argParser(address)
    .makeOptionMandatory();
}

/** An option with several values, separated by commas; a list of texts in the file of `--config`. */
export class ListOption extends Option {}

export function monitorOption(): Option {
  return new ListOption('--monitor <HOST:PORT[,..]>', 'the monitor, or several')
    .argParser(peerAddresses)
    .makeOptionMandatory();
}

export function pingIntervalOption(byDefault: number): Option {
  return new Option('--ping-interval <MS>', 'time between two pings; the same on the monitor and all servers')
    .argParser(integer(1, 60_000))
    .default(byDefault);
}

export function deadPingsOption(byDefault: number): Option {
  return new Option('--dead-pings <N>', 'ping intervals without a ping until a server is given up')
    .argParser(integer(2, 1_000))
    .default(byDefault);
}

/**
 * With less, a server could not hold one value of the greatest size and its log, and would refuse the data meant for
 * it.
 */
const LEAST_MEMORY = 16 * 2 ** 20;

export function maxMemoryOption(): Option {
  return new Option(
    '--max-memory <BYTES>',
    'how much a server may hold, at least 16 MiB; half of what V8 may use for objects that live long unless set',
  ).argParser(integer(LEAST_MEMORY));
}

/** May be given several times. */
export function allowHostOption(): Option {
  return new ListOption(
    '--allow-host <NAME[,..]>',
    'take HTTP requests under this host name too; may be given several times',
  ).argParser((names: string, before: readonly string[] = []) => [...before, ...names.split(',').map(hostName)]);
}

function hostName(text: string): string {
  const name = text.trim();
  if (!isHostName(name)) throw new InvalidArgumentError('Expected a host name, without scheme and port.');
  return name;
}

export function jsonOption(): Option {
  return new Option('--json', 'print JSON');
}

export function dataOption(): Option {
  return new Option('--data <DIR>', 'keep the data in this directory, which is made where there is none').argParser(
    directory,
  );
}

function directory(text: string): string {
  if (text === '') throw new InvalidArgumentError('Expected the path of a directory.');
  return text;
}
