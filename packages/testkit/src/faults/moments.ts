/**
 * A moment names what a server is doing right now, so that a fault can strike exactly then: between a write and the
 * answer that follows it, or between two chunks of a transfer. Random times rarely hit such moments. A moment is
 * derived from the event and the effects of a step, which the shell sees anyway. So the core needs no test hooks.
 */
import type { ReplicaStep } from '@understudy/kvservice';

export const MOMENTS = [
  'entries are given to the disk',
  'a checkpoint is under way',
  'entries are accepted',
  'entries are sent',
  'a chunk is sent',
  'a chunk is taken',
  'a conflicting suffix is cut',
  'a release is sent',
  'a release is taken',
  'a view is entered',
  'a primary begins to serve',
  'a view is acknowledged',
  'a client is answered',
  'a session is opened',
] as const;

export type Moment = (typeof MOMENTS)[number];

/** The moments of one step of a server, each once. */
export function momentsOf({ event, effects }: ReplicaStep): ReadonlySet<Moment> {
  const moments = new Set<Moment>();
  for (const effect of effects) {
    const moment = momentOf(effect);
    if (moment !== undefined) moments.add(moment);
  }
  if (event.kind === 'write' && event.operation.kind === 'openSession') moments.add('a session is opened');
  return moments;
}

function momentOf(effect: ReplicaStep['effects'][number]): Moment | undefined {
  switch (effect.kind) {
    case 'persist':
      if (effect.data !== undefined) return 'a checkpoint is under way';
      return effect.log === undefined ? undefined : 'entries are given to the disk';
    case 'answer':
      return ANSWERS[effect.answer.kind];
    case 'send':
      return SENT[effect.message.kind];
    case 'notice':
      return NOTICES[effect.notice.kind];
    case 'result':
    case 'leased':
      return 'a client is answered';
    default:
      return undefined;
  }
}

const ANSWERS: Readonly<Record<string, Moment>> = {
  accepted: 'entries are accepted',
  taken: 'a chunk is taken',
  released: 'a release is taken',
};

const SENT: Readonly<Record<string, Moment>> = {
  prepare: 'entries are sent',
  chunk: 'a chunk is sent',
  release: 'a release is sent',
};

const NOTICES: Readonly<Record<string, Moment>> = {
  'suffix-cut': 'a conflicting suffix is cut',
  view: 'a view is entered',
  serving: 'a primary begins to serve',
  acknowledged: 'a view is acknowledged',
};
