/**
 * A bare ping that reaches a new monitor before any server's ping. Anyone who reaches the port can send one. The
 * monitor begins a cluster with it, and the first server that shows a secret ends that cluster again (V11).
 */
import { addressOf } from '../simulation/cluster.ts';
import { MONITOR } from '../simulation/monitor-life.ts';
import type { Forgery } from './forgery.ts';
import type { FaultStage } from './stage.ts';

/** The share among runs with forged messages. */
const SHARE = 0.4;
/** Servers start within the first 300 ms. */
const LATEST_MS = 60;

export function aFirstPing(stage: FaultStage, send: (stage: FaultStage, forgery: Forgery) => void): void {
  const random = stage.random.stream('first ping');
  if (!random.chance(SHARE)) return;
  // Half of the time it uses the name of a server that has not started yet.
  const server = random.chance(0.5) ? 'x:1' : addressOf(random.pick(stage.cluster.names));
  stage.later(random.number() * LATEST_MS, () => {
    const what = `a bare ping of ${server}, perhaps the first of all`;
    stage.strike(`somebody sends the monitor ${what}`, MONITOR);
    send(stage, { what, to: MONITOR, method: 'sysmonitor.ping', params: { server, viewnum: 0 } });
  });
}
