/** Adds to a request the operation's place in its session, or what a read may return. */
import type { Params } from '@understudy/rpc';
import type { Numbered } from './effort.ts';

/**
 * Every try carries the operation's own number, and the latest `acked` (S2). `highest` is the newest revision that this
 * client has seen. The spread comes last, because fields after a spread make V8 take 40 times as long.
 */
export function numberedParams(request: Params, numbered: Numbered, highest: number): object {
  const { window, seq, isSequential, atLeast } = numbered;
  if (window !== undefined) return { session: window.session, seq, acked: window.acked, ...request };
  if (!isSequential) return atLeast === undefined ? request : { atLeast, ...request };
  return { consistency: 'sequential', atLeast: Math.max(highest, atLeast ?? 0), ...request };
}
