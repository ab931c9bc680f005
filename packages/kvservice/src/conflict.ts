/**
 * A conflict: the monitor refused a ping, because it knows a newer run of this server (V11). Says what this run does
 * about it.
 *
 * The answer is read like any other message. A name that is no incarnation, or that no incarnation can follow, ends no
 * process: the run keeps its own name, and the next ping asks again.
 */
import { isIncarnation, newIncarnation, UnderstudyError, type World } from '@understudy/rpc';

export type Conflict =
  /** It answers a ping that was sent under a former name: this run is the newer one by now. */
  | { readonly kind: 'late' }
  | { readonly kind: 'unreadable'; readonly reason: string }
  /** This run was heard before, so another process has its address. */
  | { readonly kind: 'replaced' }
  /** This run is starting, and takes this greater name. */
  | { readonly kind: 'outnumbered'; readonly incarnation: string };

export interface OwnRun {
  readonly world: Pick<World, 'clock' | 'random'>;
  readonly incarnation: string;
  readonly isStarting: boolean;
}

export function conflictOf({ data }: UnderstudyError, { world, incarnation, isStarting }: OwnRun): Conflict {
  const { incarnation: newest } = data;
  if (typeof newest !== 'string' || !isIncarnation(newest)) {
    return { kind: 'unreadable', reason: 'incarnation must be a UUID version 7' };
  }
  if (newest <= incarnation) return { kind: 'late' };
  if (!isStarting) return { kind: 'replaced' };
  try {
    return { kind: 'outnumbered', incarnation: newIncarnation(world, newest) };
  } catch (error) {
    if (!(error instanceof UnderstudyError)) throw error;
    return { kind: 'unreadable', reason: error.message };
  }
}
