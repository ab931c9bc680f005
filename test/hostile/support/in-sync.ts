/** Waits until a cluster has a backup that holds everything: only then does its view stay as it is. */
import { MonitorClient } from '@understudy/sysmonitor';
import { eventually } from '../../cli/command.ts';

/** Starting processes beside others can take long. */
const PATIENCE_MS = 60_000;

export async function untilInSync(monitor: string): Promise<void> {
  const client = new MonitorClient({ monitors: monitor });
  const isInSync = async () => {
    const { view, acknowledged } = await client.status();
    return acknowledged && view.backups.length > 0 && view.syncing.length === 0;
  };
  await eventually('a backup is in sync', isInSync, PATIENCE_MS);
  await client.close();
}
