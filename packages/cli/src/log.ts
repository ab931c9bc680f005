/**
 * The log of a long-running process: pino's JSON lines on stderr. Each line has a sentence for people, and the notice.
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

/** One line of such a log, as `understudy up` reads it. */
export interface LogRecord extends Telling {
  /** Milliseconds since 1970 on the wall clock. */
  readonly atMs: number;
  readonly notice?: { readonly kind: string };
}

export interface Log {
  /** The total number of records that could not be written. */
  readonly dropped: number;
  /** `listening HOST:PORT`, the only line on stdout. It is tried again until it can be written. */
  announce(address: string): void;
  tell(telling: Telling, notice?: { readonly kind: string }): void;
  /** Writes the waiting records, and accepts no more. False: not finished in time, and a write is still under way. */
  close(): Promise<boolean>;
}

/** The values of UNDERSTUDY_LOG. "silent" logs nothing. */
const LEVELS: readonly string[] = [...Object.values(pino.levels.labels), 'silent'];
/** How long a process that ends waits for its last records. */
export const LAST_RECORDS_MS = 1_000;

/** Reads UNDERSTUDY_LOG. Throws UsageError if it is not a level. */
export function logLevel(): string {
  const level = process.env.UNDERSTUDY_LOG || 'info';
  if (!LEVELS.includes(level)) {
    throw new UsageError(`UNDERSTUDY_LOG: '${level}' is no level; there are ${LEVELS.join(', ')}`);
  }
  return level;
}

/** Throws like `logLevel`. */
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
 * Runs the process's work until it ends, and then writes the last records. If the output still blocks, the process is
 * ended here, because the write under way would keep it alive.
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

/** Parses one line of a log. Undefined if the line is something else. */
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
