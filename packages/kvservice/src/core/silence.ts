/**
 * When a primary takes a backup for lost (V13): it answers nothing at all, not even an empty message; or it answers those, and yet nothing
 * of what is sent in order gets through, as on a line that loses all that is long. A slow line is neither: each message of what is sent
 * is short, so answers keep coming, and each of them starts the count anew. Counted is the primary's own running time.
 */
import { silenceMs } from './config.ts';
import type { Progress } from './progress.ts';
import type { ReplicaState } from './state.ts';

/** Times of silence in which nothing gets through. Each try waits longer than the one before, and sends less. */
const STUCK = 4;

export function countSilence(state: ReplicaState, progress: Progress, sinceMs: number): void {
  const wasLost = isLost(state, progress);
  progress.silentMs += sinceMs;
  const isWaiting = progress.inFlight > 0 || progress.flowTrip.isDoubtful;
  progress.stuckMs = isWaiting ? progress.stuckMs + sinceMs : 0;
  if (wasLost || !isLost(state, progress)) return;
  const answers = progress.silentMs < silenceMs(state.config);
  const lostMs = Math.round(answers ? progress.stuckMs : progress.silentMs);
  state.counters.backupsLost += 1;
  state.notice({ kind: 'backup-lost', backup: progress.server, silentMs: lostMs, answers });
}

export function isLost({ config }: ReplicaState, { silentMs, stuckMs }: Progress): boolean {
  return silentMs >= silenceMs(config) || stuckMs >= STUCK * silenceMs(config);
}
