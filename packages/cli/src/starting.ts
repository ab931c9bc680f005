/** The first record of a log: the version, the Node version, the address, and the options. */
import type { Command } from 'commander';
import type { Log } from './log.ts';
import { nameOf } from './settings/setting.ts';
import { optionsOf } from './settings/sources.ts';
import { version } from './version.ts';

const STARTING = 'starting';

/**
 * A log that writes this record before all others. The record is written together with the first other record, or when
 * the service listens. So a command that is refused at once prints only its error. With port 0, earlier records wait
 * until the address is known. The options come from the command line, the environment and the file; the others have
 * their defaults. No option contains a secret.
 *
 * @param address The address to listen on.
 */
export function withStart(log: Log, command: Command, address: string): Log {
  let where = address.endsWith(':0') ? undefined : address;
  let waiting: Parameters<Log['tell']>[] | undefined = [];
  const tellAll = (known: string): void => {
    if (waiting === undefined) return;
    log.tell(...startOf(command, known));
    for (const record of waiting) log.tell(...record);
    waiting = undefined;
  };
  return {
    get dropped() {
      return log.dropped;
    },
    announce: (known) => {
      where = known;
      log.announce(known);
      tellAll(known);
    },
    tell: (...record) => {
      if (waiting === undefined) return log.tell(...record);
      waiting.push(record);
      if (where !== undefined) tellAll(where);
    },
    close: () => {
      if (waiting !== undefined && waiting.length > 0) tellAll(address);
      return log.close();
    },
  };
}

function startOf(command: Command, address: string): Parameters<Log['tell']> {
  const options = effectiveOptions(command);
  const start: Start = { kind: STARTING, version: version(), node: process.version, address, options };
  const words = Object.entries(options).map(([name, value]) => inWords(name, value));
  const text = `understudy ${version()}, Node ${process.version}, ${command.name()} at ${address}: ${words.join(' ')}`;
  return [{ level: 'info', text }, start];
}

interface Start {
  readonly kind: string;
  readonly version: string;
  readonly node: string;
  readonly address: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Whether a record is this one. */
export function isStarting({ notice }: { readonly notice?: { readonly kind: string } }): boolean {
  return notice?.kind === STARTING;
}

/** By name without dashes, as in the file of `--config`. */
function effectiveOptions(command: Command): Readonly<Record<string, unknown>> {
  const shown = optionsOf(command).flatMap((option) => {
    const value: unknown = command.getOptionValue(option.attributeName());
    if (!option.negate) return value === undefined ? [] : [[nameOf(option), value]];
    return value === false ? [[nameOf(option), true]] : [];
  });
  return Object.fromEntries(shown);
}

function inWords(name: string, value: unknown): string {
  if (value === true) return `--${name}`;
  return value === false ? `--${name}=off` : `--${name} ${Array.isArray(value) ? value.join(',') : String(value)}`;
}
