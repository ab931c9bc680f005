/** The answers among the effects of a step. */
import type { Effect } from '@understudy/kvservice';

export interface GivenAnswer {
  /** As the event that asked had it. */
  readonly requester: object;
  readonly result: object;
}

/** Under a lease too: in a simulation no time passes between the step and its effects. */
export function* answersOf(effects: readonly Effect[]): Generator<GivenAnswer> {
  for (const effect of effects) {
    const requester = effect.kind === 'leased' ? effect.read.requester : 'requester' in effect && effect.requester;
    if ('result' in effect && typeof requester === 'object' && requester !== null) {
      yield { requester, result: effect.result };
    }
  }
}
