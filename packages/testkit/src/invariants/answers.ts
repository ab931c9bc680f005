/** Collects the answers among the effects of a step. */
import type { Effect } from '@understudy/kvservice';

export interface GivenAnswer {
  /** The same object as in the event with the request. */
  readonly requester: object;
  readonly result: object;
}

const NONE: readonly GivenAnswer[] = [];

/** Includes answers under a lease: in a simulation, no time passes between a step and its effects. */
export function answersOf(effects: readonly Effect[]): readonly GivenAnswer[] {
  let answers: GivenAnswer[] | undefined;
  for (const effect of effects) {
    if (effect.kind !== 'result' && effect.kind !== 'leased') continue;
    const requester = effect.kind === 'leased' ? effect.read.requester : effect.requester;
    if (typeof requester !== 'object' || requester === null) continue;
    answers ??= [];
    answers.push({ requester, result: effect.result });
  }
  return answers ?? NONE;
}
