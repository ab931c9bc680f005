/** Linearizability by the definition: every order that real time allows, every subset of what is unknown. For small histories only. */
import type { History, HistoryEvent, Scalar } from '@understudy/testkit';
import { fnv1a } from '../../lab/suites/hash.ts';

/** What the key holds; `present` false: nothing, which reads as the history's `init`. */
interface State {
  readonly present: boolean;
  readonly value: Scalar;
}

/** Written without anything of the checker, and as plainly as can be. */
export function isLinearizable({ model, init = null, events }: History): boolean {
  const certain = events.filter(({ fail }) => fail !== true);
  const keys = new Set(certain.map(({ key }) => (model === 'register' ? undefined : key)));
  return [...keys].every((key) =>
    canFinish(
      certain.filter((event) => model === 'register' || event.key === key),
      { present: false, value: init },
      init,
    ),
  );
}

function canFinish(left: readonly HistoryEvent[], state: State, init: Scalar): boolean {
  if (left.every(({ return: end }) => !isKnown(end))) return true;
  return left.some((event) => {
    const others = left.filter((other) => other !== event);
    if (others.some((other) => isKnown(other.return) && Number(other.return) < event.call)) return false;
    return outcomes(event, state, init).some((next) => canFinish(others, next, init));
  });
}

function isKnown(end: HistoryEvent['return']): boolean {
  return typeof end === 'number' && end < Number.POSITIVE_INFINITY;
}

/** The state after the operation: none where it cannot have given its output. */
function outcomes(event: HistoryEvent, state: State, init: Scalar): State[] {
  const output = isKnown(event.return) ? event.output : undefined;
  const text = state.value === null ? '' : String(state.value);
  const absent = { present: false, value: init };
  const to = (value: Scalar): State => (value === null ? absent : { present: true, value });
  const allows = (truth: unknown): boolean => output === undefined || output === truth;
  switch (event.op) {
    case 'get':
      return allows(state.value) ? [state] : [];
    case 'put':
      return [to(event.value as Scalar)];
    case 'append':
      return [to(text + String(event.value))];
    case 'delete':
      return allows(state.present) ? [absent] : [];
    case 'putHash':
      return allows(text) ? [to(fnv1a(text + String(event.value)))] : [];
    case 'cas': {
      const [expected, value] = event.value as readonly [Scalar, Scalar];
      const matches = expected === null ? !state.present : state.value === expected;
      return allows(matches) ? [matches ? to(value) : state] : [];
    }
  }
}
