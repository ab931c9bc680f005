/** Chooses the server of the next try: the primary, or, for a read that allows it, a backup that is in sync (L5). */
import type { Random } from '@understudy/rpc';
import type { View } from '@understudy/sysmonitor';
import type { Effort } from './effort.ts';

export function chooseServer(effort: Effort, { primary, backups, syncing }: View, random: Random): string {
  effort.atBackup = false;
  if (!effort.mayReadBackup) return primary;
  const inSync = backups.filter((backup) => !syncing.includes(backup));
  const backup = inSync[Math.floor(random.number() * inSync.length)];
  effort.atBackup = backup !== undefined;
  return backup ?? primary;
}
