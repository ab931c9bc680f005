/** Doubts: what a message claims and this server does not know yet is confirmed before anything is done about it (R3). */

// A message may come from anybody who reaches the port. Two things in it are believed only when somebody else confirms them:
// - a newer view: the monitor has to know it, or a still newer one. Where the monitor does not answer, a member of the view that
//   this server knows may confirm its own claim, at its own address.
// - that it comes from the run that it names: each run has a secret, which goes with its messages and is never shown. The run is
//   asked at its address, once, whether the secret is its own.
// Meanwhile the message waits here, and goes on as if it had just come. Nothing is ever taken from its content before.
import type { Identity } from '@understudy/sysmonitor';
import { silenceMs } from './config.ts';
import type { Claim, Doubt, Held } from './doubt.ts';
import type { Envelope } from './message.ts';
import type { ReplicaState } from './state.ts';

/** Questions under way at once, and messages that wait for one of them: beyond that they are refused, and come again. */
const MOST_DOUBTS = 4;
const MOST_HELD = 16;
/** Runs whose secrets are kept: the present primary, and former ones whose release may still come (L6). */
const MOST_RUNS = 8;

/** The message is of the run that it names. False: of that run another secret is known. Undefined: it has to be asked. */
export function isFromRun(state: ReplicaState, { incarnation, secret }: Envelope): boolean | undefined {
  const known = state.secrets.get(incarnation);
  return known === undefined ? undefined : known === secret;
}

/** Asks whether there is such a view, and at the same time, where it has to be asked, whether the sender is who it says. */
export function doubtView(state: ReplicaState, held: Held): boolean {
  const isHeld = doubt(state, 'view', claimOf(held.message), held);
  if (isHeld && isFromRun(state, held.message) === undefined) doubt(state, 'run', claimOf(held.message), undefined);
  return isHeld;
}

export function doubtRun(state: ReplicaState, held: Held): boolean {
  return doubt(state, 'run', claimOf(held.message), held);
}

/** Ends the question; undefined where it is not under way any more. */
export function takeDoubt(state: ReplicaState, number: number): Doubt | undefined {
  const found = state.doubts.find((candidate) => candidate.number === number);
  if (found !== undefined) state.doubts = state.doubts.filter((candidate) => candidate !== found);
  return found;
}

/** Whoever does not answer in the time after which a server counts as dead has not answered. */
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

/** What the server at that address says of itself is what the message claims. */
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
