/** The log of a long-running process: pino's JSON lines on stderr, each with a sentence for people and the notice it tells. */
import type { Telling } from '@understudy/dashboard';
import { pino } from 'pino';
import { UsageError } from './exit.ts';

/** One line of such a log, as read back by `understudy up`. */
export interface LogRecord extends Telling {
  /** On the wall clock, milliseconds since 1970. */
  readonly atMs: number;
  readonly notice?: { readonly kind: string };
}

export interface Log {
  tell(telling: Telling, notice?: { readonly kind: string }): void;
}

/** What UNDERSTUDY_LOG may be; "silent" is nothing at all. */
const LEVELS: readonly string[] = [...Object.values(pino.levels.labels), 'silent'];

/** From UNDERSTUDY_LOG. Throws UsageError where that is no level. */
export function logLevel(): string {
  const level = process.env.UNDERSTUDY_LOG || 'info';
  if (!LEVELS.includes(level)) {
    throw new UsageError(`UNDERSTUDY_LOG: '${level}' is no level; there are ${LEVELS.join(', ')}`);
  }
  return level;
}

/** Writing never blocks the process: a reader that stands still must not stop a server. Throws as `logLevel` does. */
export function createLog(service: 'monitor' | 'server'): Log {
  const logger = pino(
    {
      level: logLevel(),
      base: { service, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: 2, sync: false }),
  );
  return { tell: ({ level, text }, notice) => logger[level](notice === undefined ? {} : { notice }, text) };
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
