/**
 * Decides what this run does when the monitor refuses a ping because it knows a newer run of this server (V11).
 *
 * The refusal is checked like any other message. A name that is not an incarnation, or that no incarnation can follow,
 * must not end a process: this run keeps its own incarnation, and the next ping asks again.
 */
import { isIncarnation, newIncarnation, UnderstudyError, type World } from '@understudy/rpc';

export type Conflict =
  /** The refusal answers a ping sent under an earlier incarnation. This run is the newer one by now. */
  | { readonly kind: 'late' }
  | { readonly kind: 'unreadable'; readonly reason: string }
  /** This run was heard before, so another process uses its address. */
  | { readonly kind: 'replaced' }
  /** This run is just starting, and takes this greater incarnation. */
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
