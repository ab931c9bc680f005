/** Sends the replica's results, failures and answers back to the callers. */
import { type Reply, UnderstudyError } from '@understudy/rpc';
import type { Effect } from './core/effect.ts';
import type { Answer } from './core/message.ts';

/** The requester of an effect is the reply handle that came with the request. */
export function reply(effect: Extract<Effect, { kind: 'result' | 'failure' | 'answer' }>): void {
  const back = effect.requester as Reply;
  switch (effect.kind) {
    case 'result':
      return back.result(effect.result);
    case 'failure': {
      const { name, message, data } = effect.failure;
      return back.failure(UnderstudyError.answered(name, message, data === undefined ? {} : { data }));
    }
    case 'answer':
      return answerPeer(back, effect.answer);
  }
}

function answerPeer(back: Reply, answer: Answer): void {
  if (answer.kind !== 'stale') return back.result(answer);
  const { view } = answer;
  const message = `this server knows view ${view.viewnum} already`;
  back.failure(UnderstudyError.answered('STALE_VIEW', message, { data: { view } }));
}
