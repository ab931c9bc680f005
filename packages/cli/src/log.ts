/** The log of a long-running process: pino's JSON lines on stderr, each with a sentence for people and the notice it tells.
 *
 * A record that cannot be written is dropped and counted. The process neither waits for its log nor ends because of it.
 */
import type { Telling } from '@understudy/dashboard';
import { RealClock } from '@understudy/rpc';
import { pino } from 'pino';
import { EXIT, UsageError } from './exit.ts';
import { openDescriptor } from './output/descriptor.ts';
import { LineWriter } from './output/line-writer.ts';
import { withEscapes } from './output/printable.ts';
import { counted } from './words.ts';

/** One line of such a log, as read back by `understudy up`. */
export interface LogRecord extends Telling {
  /** On the wall clock, milliseconds since 1970. */
  readonly atMs: number;
  readonly notice?: { readonly kind: string };
}

export interface Log {
  /** Records that could not be written, in all. */
  readonly dropped: number;
  /** `listening HOST:PORT`, the only line on stdout. It is tried again until it can be written. */
  announce(address: string): void;
  tell(telling: Telling, notice?: { readonly kind: string }): void;
  /** Writes what waits, and takes no more. False: it could not in time, and a write is still under way. */
  close(): Promise<boolean>;
}

/** What UNDERSTUDY_LOG may be; "silent" is nothing at all. */
const LEVELS: readonly string[] = [...Object.values(pino.levels.labels), 'silent'];
/** A process that ends gives its last records this long. */
export const LAST_RECORDS_MS = 1_000;

/** From UNDERSTUDY_LOG. Throws UsageError where that is no level. */
export function logLevel(): string {
  const level = process.env.UNDERSTUDY_LOG || 'info';
  if (!LEVELS.includes(level)) {
    throw new UsageError(`UNDERSTUDY_LOG: '${level}' is no level; there are ${LEVELS.join(', ')}`);
  }
  return level;
}

/** Throws as `logLevel` does. */
export function createLog(service: 'monitor' | 'server'): Log {
  const format = {
    level: logLevel(),
    base: { service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  let gap = '';
  const gapLogger = pino({ ...format, level: 'warn' }, { write: (line) => void (gap = line.trimEnd()) });
  const gapInWords = (dropped: number, reason: string) => {
    const text = `the log can be written again: ${counted(dropped, 'record')} dropped (${reason})`;
    gapLogger.warn({ notice: { kind: 'log-gap', dropped, reason } }, text);
    return gap;
  };
  const clock = new RealClock();
  const writer = new LineWriter({ descriptor: openDescriptor(2), clock, gapInWords });
  let listening = '';
  const announcement = new LineWriter({ descriptor: openDescriptor(1), clock, gapInWords: () => listening });
  const logger = pino(format, { write: (line) => writer.write(withEscapes(line.trimEnd())) });
  return {
    get dropped() {
      return writer.dropped;
    },
    announce: (address) => {
      listening = `listening ${address}`;
      announcement.write(listening);
    },
    tell: ({ level, text }, notice) => logger[level](notice === undefined ? {} : { notice }, text),
    close: async () => {
      const areWritten = await Promise.all([announcement, writer].map((each) => each.close(LAST_RECORDS_MS)));
      return !areWritten.includes(false);
    },
  };
}

/**
 * Does what a process does until it ends, and then writes the last records. A process whose output still takes no write is ended here,
 * because the write under way would keep it alive.
 */
export async function whileLogging(log: Pick<Log, 'close'>, action: () => Promise<void>): Promise<void> {
  let code: number = EXIT.failure;
  try {
    await action();
    code = Number(process.exitCode ?? EXIT.success);
  } finally {
    if (!(await log.close())) process.exit(code);
  }
}

/** The record in one line of a log; undefined where the line is something else. */
export function readLogLine(line: string): LogRecord | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const { level, time, msg, notice } = JSON.parse(line);
    if (typeof msg !== 'string') return undefined;
    return { level, text: msg, atMs: Date.parse(time), ...(notice === undefined ? {} : { notice }) };
  } catch {
    return undefined;
  }
}
