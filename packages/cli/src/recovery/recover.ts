/**
 * `understudy monitor --recover`: waits for the servers' reports, and lets an operator continue without missing ones
 * (V12).
 */
import type { Clock } from '@understudy/rpc';
import type { Monitor } from '@understudy/sysmonitor';
import { type Standing, standingInWords } from './standing.ts';

export interface Operator {
  /** Resolves with the answer. The signal fires if the question becomes obsolete first. */
  ask(text: string, signal: AbortSignal): Promise<'yes' | 'no' | 'again'>;
  say(text: string): void;
  /** Milliseconds without news before it asks, so that a slow server can still report. */
  readonly patienceMs: number;
}

/**
 * `complete`: the servers reported everything. `overruled`: the operator continued without some reports. `refused`: the
 * operator did not want to continue.
 */
export type Recovered = 'complete' | 'overruled' | 'refused' | 'ended';

const LOOK_EVERY_MS = 100;

/** Resolves when the monitor serves, or will not. `ended` fires if the monitor ends meanwhile. */
export async function recover(
  monitor: Monitor,
  clock: Clock,
  operator: Operator,
  ended: AbortSignal,
): Promise<Recovered> {
  const isOver = () => monitor.view.viewnum > 0 || ended.aborted;
  let overruled = false;
  while (!isOver()) {
    const standing = await settled(monitor, clock, operator.patienceMs, isOver);
    const [heir] = standing?.holders ?? [];
    if (standing === undefined || heir === undefined) break;
    const answer = await answerOf(operator, standingInWords(standing, monitor.status().servers), clock, isOver);
    if (answer === 'no') return 'refused';
    // The operator agreed to what was shown. Since then, a server that holds more may have reported.
    if (answer !== 'yes' || JSON.stringify(monitor.status().waiting) !== JSON.stringify(standing)) continue;
    monitor.overrule(heir);
    overruled = true;
    operator.say(`waiting for the next ping of ${heir}`);
    await until(clock, isOver);
  }
  if (ended.aborted) return 'ended';
  return overruled ? 'overruled' : 'complete';
}

/** The servers' reports once nothing new is heard. Undefined: the recovery is over without an operator. */
async function settled(
  monitor: Monitor,
  clock: Clock,
  patienceMs: number,
  isOver: () => boolean,
): Promise<Standing | undefined> {
  let told = '';
  let sinceMs = clock.now();
  for (; !isOver(); await pause(clock)) {
    const { waiting } = monitor.status();
    const text = JSON.stringify(waiting);
    if (text !== told) sinceMs = clock.now();
    told = text;
    const isSettled = clock.now() - sinceMs >= patienceMs;
    if (isSettled && waiting.kind === 'reports' && waiting.holders.length > 0) return waiting;
  }
  return undefined;
}

async function answerOf(
  operator: Operator,
  text: string,
  clock: Clock,
  isOver: () => boolean,
): Promise<'yes' | 'no' | 'again' | 'over'> {
  const question = new AbortController();
  const over = until(clock, () => isOver() || question.signal.aborted).then(() => 'over' as const);
  try {
    return await Promise.race([operator.ask(text, question.signal), over]);
  } finally {
    question.abort();
  }
}

async function until(clock: Clock, condition: () => boolean): Promise<void> {
  while (!condition()) await pause(clock);
}

function pause(clock: Clock): Promise<void> {
  return new Promise((resolve) => void clock.after(LOOK_EVERY_MS, resolve));
}
