/** The log of a long-running process: pino's JSON lines on stderr, each with a sentence for people and the notice it tells. */
import type { Telling } from '@understudy/dashboard';
import { pino } from 'pino';

/** One line of such a log, as read back by `understudy up`. */
export interface LogRecord extends Telling {
  /** On the wall clock, milliseconds since 1970. */
  readonly atMs: number;
  readonly notice?: { readonly kind: string };
}

export interface Log {
  tell(telling: Telling, notice?: { readonly kind: string }): void;
}

/** Writing never blocks the process: a reader that stands still must not stop a server. */
export function createLog(service: 'monitor' | 'server'): Log {
  const logger = pino(
    {
      level: process.env.UNDERSTUDY_LOG ?? 'info',
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
