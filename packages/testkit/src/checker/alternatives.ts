/** Finds outputs that an operation could have had instead of the one it had. */
import { decide, explore } from './decide.ts';
import type { Scalar } from './history.ts';
import { type Action, type Operation, textOf, weaken } from './operation.ts';
import type { ShareOfWork } from './share-of-work.ts';
import type { Stretch } from './stretch.ts';

/** The most values to try. */
const MOST_CANDIDATES = 30;

/** Each of these outputs makes the history linearizable up to this operation. There may be more. */
export function alternatives({ impossible, prefix }: Stretch, init: Scalar, work: ShareOfWork): readonly Scalar[] {
  return candidates(impossible, prefix, init, work).filter((output) => {
    const operations = prefix.map((operation) => (operation === impossible ? answering(operation, output) : operation));
    return !work.isEmpty && decide({ operations, init, budget: work.next(operations.length) }) === 'linearizable';
  });
}

function candidates(
  impossible: Operation,
  prefix: readonly Operation[],
  init: Scalar,
  work: ShareOfWork,
): readonly Scalar[] {
  const { action, call } = impossible;
  if (action.kind === 'cas' || action.kind === 'delete') return [action.output !== true];
  const weak = weaken(impossible);
  const others = prefix.flatMap((operation) => (operation !== impossible ? operation : (weak ?? [])));
  const values = explore({ operations: others, init, budget: work.next(others.length), from: call });
  return values.slice(0, MOST_CANDIDATES).map((value) => (action.kind === 'putHash' ? textOf(value) : value));
}

function answering(operation: Operation, output: Scalar): Operation {
  return { ...operation, action: { ...operation.action, output } as Action };
}
