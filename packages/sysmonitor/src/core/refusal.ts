/** The failures that answer a ping when the monitor may not answer with a view. */
import { UnderstudyError } from '@understudy/rpc';
import type { Ping, View } from '../contract.ts';
import type { Recovery } from './recovery.ts';

/**
 * (V11) A replaced process must not come back, so this is not RECOVERING. `newest` is the incarnation that holds the
 * address.
 */
export function replacedBy(newest: string, { server }: Ping): UnderstudyError {
  return new UnderstudyError('CONFLICTING_SERVER', `a newer process has the address ${server}`, {
    data: { server, incarnation: newest },
  });
}

/** (V12) `theirs` is the ping's cluster, if it names one. */
export function notOurs({ server }: Ping, told: number, theirs: string | undefined, view: View): UnderstudyError {
  const of = theirs === undefined || theirs === view.cluster ? '' : ` of cluster ${theirs}`;
  const message = `${server} knows view ${told}${of}; this monitor is at view ${view.viewnum} of cluster ${view.cluster}`;
  return new UnderstudyError('RECOVERING', message, { data: { waitingFor: [] } });
}

/** The monitor forgets no live server, so made-up names cannot take a real server's place. */
export function tooManyServers(retryAfterMs: number): UnderstudyError {
  const message =
    'server: the monitor knows as many servers without a seat as it may (maxServers), and all of them live';
  return UnderstudyError.answered('OVERLOADED', message, { data: { retryAfterMs } });
}

/** (V11, V12) The process at that address did not confirm the ping. */
export function unconfirmed({ server }: Ping): UnderstudyError {
  const message = `server: nothing answers in time at ${server} and says that it sent this ping`;
  return UnderstudyError.answered('INVALID_PARAMS', message, { data: { field: 'server' } });
}

/**
 * (V12) `data.waitingFor` lists the servers waited for; `data.listeningForMs` is the least time that the monitor waits.
 */
export function recovering(recovery: Recovery, now: number): UnderstudyError {
  const { clusters, highest } = recovery;
  const waitingFor = recovery.waitingFor();
  const reason =
    clusters.length > 1
      ? `is pinged by servers of several clusters (${clusters.join(', ')}) and cannot know which is its own`
      : `waits for a report from ${waitingFor.join(', ') || 'its servers'}${highest === undefined ? '' : ` about view ${highest.viewnum}`}`;
  return new UnderstudyError('RECOVERING', `the monitor lost its state and ${reason}`, {
    data: { waitingFor, listeningForMs: Math.max(0, Math.round(recovery.listensUntil - now)) },
  });
}
