/**
 * Decides when a primary considers a backup lost (V13). There are two cases: the backup answers nothing, not even empty
 * messages; or it answers those, but nothing that is sent in order gets through, as on a network that drops long
 * packets.
 *
 * A slow network is neither. Every message is short enough that answers keep arriving, and each answer restarts the
 * count. The count is in running time of the primary itself.
 */
import { silenceMs } from './config.ts';
import type { Progress } from './progress.ts';
import type { ReplicaState } from './state.ts';

/**
 * How many times the silence time may pass without progress. Each retry waits longer than the one before, and sends
 * less.
 */
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
