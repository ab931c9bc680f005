/**
 * A sender that is no server reaches every port. It reads all traffic, so it knows names, views, incarnations and
 * positions. It sends four kinds of messages: invented ones, mutated copies of real ones, real ones in the name of
 * another server, and pings with names that belong to no server. None of them may have a lasting effect (R3, V11, V12,
 * L6).
 *
 * A message in the name of a server never has the secret of that server's incarnation, unless it is a copy with a part
 * of the wrong type. A sender with the secret and the right types would be that server.
 */
import { addressOf } from '../simulation/cluster.ts';
import { MONITOR } from '../simulation/monitor-life.ts';
import type { OUTSIDE_FAULTS } from './classes.ts';
import { aFirstPing } from './first-ping.ts';
import { copies } from './forged-copies.ts';
import { madeUpMessages } from './forged-messages.ts';
import { madeUpPings } from './forged-pings.ts';
import { FORGER, type Forger, type Forgery } from './forgery.ts';
import { Overheard } from './overheard.ts';
import type { FaultStage } from './stage.ts';

type Faults = Readonly<Record<(typeof OUTSIDE_FAULTS)[number], (stage: FaultStage) => void>>;

const FORGERS: readonly Forger[] = [...madeUpMessages, ...madeUpPings, ...copies];
/** The sender ignores answers, and waits no longer. */
const TIMEOUT_MS = 500;

export const outsideFaults: Faults = {
  forged: (stage) => {
    const overheard = new Overheard(stage.network, FORGER);
    aFirstPing(stage, send);
    stage.repeatedly(stage.scaled(1_500, 60), () => {
      const forgery = stage.random.pick(FORGERS)(stage, overheard);
      if (forgery === undefined) return;
      stage.strike(`${FORGER} sends ${forgery.to} ${forgery.what}`, forgery.to);
      send(stage, forgery);
    });
  },
};

function send(stage: FaultStage, { to, method, params }: Forgery): void {
  const { transport } = stage.process(FORGER).world;
  const address = to === MONITOR ? `${MONITOR}:1` : addressOf(to);
  // Any answer will do, and so will none.
  transport.call(address, method, params, { timeoutMs: TIMEOUT_MS }).catch(() => {});
}
