/** Ctrl-C in the middle of a benchmark: nothing that it started is left behind. */

/** What a shell expects of somebody who ended by SIGINT. */
const INTERRUPTED = 130;

/** Servers of this service end when their parent is gone; programs and directories of others go with the `exit` event, which a bare signal skips. */
export function endOnSignals(): void {
  process.setMaxListeners(0); // each program and each directory waits for the end
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(INTERRUPTED));
}
