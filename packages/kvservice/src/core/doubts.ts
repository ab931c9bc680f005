/**
 * Confirms what a message claims before this server acts on it (R3).
 *
 * Any process that reaches the port can send a message. Two claims are therefore confirmed first:
 * - A newer view. The monitor must know it, or an even newer one. If no monitor answers, a member of the view that this
 *   server knows may confirm its own claim at its own address.
 * - The sender's incarnation. Each run has a secret, which its messages carry and no other place shows. The run is
 *   asked once, at its address, whether the secret is its own.
 *
 * Meanwhile the message waits here. After confirmation it is handled as if it had just arrived. Nothing in it is used
 * before that.
 */

import type { Identity } from '@understudy/sysmonitor';
import { silenceMs } from './config.ts';
import type { Claim, Doubt, Held } from './doubt.ts';
import type { Envelope } from './message.ts';
import type { ReplicaState } from './state.ts';

/**
 * Bounds on open questions, and on messages that wait for one question. Further messages are refused; the primary sends
 * them again.
 */
const MOST_DOUBTS = 4;
const MOST_HELD = 16;
/**
 * The number of runs whose secrets are kept: the present primary, and former ones whose release may still arrive (L6).
 */
const MOST_RUNS = 8;

/**
 * Whether the message comes from the run that it names. False if that run has another secret; undefined if its secret
 * is not known yet.
 */
export function isFromRun(state: ReplicaState, { incarnation, secret }: Envelope): boolean | undefined {
  const known = state.secrets.get(incarnation);
  return known === undefined ? undefined : known === secret;
}

/**
 * Asks whether the view exists. Also asks, at the same time, whether the sender is the run that it names, unless that
 * is known.
 */
export function doubtView(state: ReplicaState, held: Held): boolean {
  const isHeld = doubt(state, 'view', claimOf(held.message), held);
  if (isHeld && isFromRun(state, held.message) === undefined) doubt(state, 'run', claimOf(held.message), undefined);
  return isHeld;
}

export function doubtRun(state: ReplicaState, held: Held): boolean {
  return doubt(state, 'run', claimOf(held.message), held);
}

/** Ends the question and returns it; undefined if it is no longer open. */
export function takeDoubt(state: ReplicaState, number: number): Doubt | undefined {
  const found = state.doubts.find((candidate) => candidate.number === number);
  if (found !== undefined) state.doubts = state.doubts.filter((candidate) => candidate !== found);
  return found;
}

/** The questions without an answer for as long as a server may be silent before it counts as dead. */
export function overdueDoubts(state: ReplicaState): readonly Doubt[] {
  const patienceMs = silenceMs(state.config);
  return state.doubts.filter(({ askedMs, atItsAddress }) => {
    const waitedMs = state.at.now - askedMs;
    return waitedMs >= (atItsAddress ? 2 * patienceMs : patienceMs);
  });
}

export function askMember(state: ReplicaState, about: Doubt): void {
  about.atItsAddress = true;
  state.doubts.push(about);
  ask(state, about);
}

/** Whether the server at that address confirms the claim. */
export function confirms(state: ReplicaState, claim: Claim, identity: Identity | undefined): identity is Identity {
  if (identity === undefined || identity.server !== claim.server || identity.incarnation !== claim.incarnation)
    return false;
  return identity.isOwnSecret && (state.cluster === '' || identity.view.cluster === state.cluster);
}

export function trust(state: ReplicaState, { incarnation, secret }: Claim): void {
  const { secrets } = state;
  secrets.delete(incarnation);
  secrets.set(incarnation, secret);
  for (const oldest of secrets.keys()) {
    if (secrets.size <= MOST_RUNS) return;
    secrets.delete(oldest);
  }
}

function doubt(state: ReplicaState, about: Doubt['about'], claim: Claim, held: Held | undefined): boolean {
  const same = state.doubts.find((other) => other.about === about && isSame(other.claim, claim));
  if (same !== undefined) {
    if (held === undefined) return true;
    if (same.held.length >= MOST_HELD) return false;
    same.held.push(held);
    return true;
  }
  if (state.doubts.length >= MOST_DOUBTS) return false;
  const question: Doubt = {
    number: state.takeNumber(),
    about,
    claim,
    askedMs: state.at.now,
    atItsAddress: false,
    held: held === undefined ? [] : [held],
  };
  state.doubts.push(question);
  ask(state, question);
  return true;
}

function ask(state: ReplicaState, { number, about, claim, atItsAddress }: Doubt): void {
  if (about === 'view' && !atItsAddress) state.effects.push({ kind: 'ask-monitor', number });
  else state.effects.push({ kind: 'ask-server', number, server: claim.server, secret: claim.secret });
}

function isSame(one: Claim, other: Claim): boolean {
  return (
    one.server === other.server &&
    one.incarnation === other.incarnation &&
    one.secret === other.secret &&
    one.viewnum === other.viewnum
  );
}

function claimOf({ server, incarnation, secret, viewnum }: Envelope): Claim {
  return { server, incarnation, secret, viewnum };
}
