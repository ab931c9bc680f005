/** Forged pings: in the name of a live server, or with a name that belongs to no server. */
import type { ReplicaInspection } from '@understudy/kvservice';
import { nameOf } from '../simulation/cluster.ts';
import { MONITOR } from '../simulation/monitor-life.ts';
import { type Forger, NEWER_RUN } from './forgery.ts';
import type { FaultStage } from './stage.ts';

type Ping = Readonly<Record<string, unknown>>;

interface Knowledge {
  readonly stage: FaultStage;
  readonly replica: ReplicaInspection;
  /** What anyone may know about the server. */
  readonly known: Ping;
}

/** Higher than any number that a server has sent. */
const LATER = 2 ** 50;
const FAR_VIEWNUM = 900_000;
/** None of these can be reached, and only the first two are valid server names. */
const NAMES: readonly string[] = [
  'x:1',
  'x:2',
  'http://evil.example',
  '\u001b[2Jx:1',
  'x:1\nx:2',
  `${'x'.repeat(300)}:1`,
];

const PINGS: Readonly<Record<string, (knowledge: Knowledge) => Ping>> = {
  'a viewnum that it does not hold': ({ known }) => ({ ...known, viewnum: FAR_VIEWNUM }),
  'a whole view that it does not hold': ({ known, replica: { view, server } }) => ({
    ...known,
    viewnum: FAR_VIEWNUM,
    view: { ...view, viewnum: FAR_VIEWNUM, primary: server, backups: [], syncing: [] },
  }),
  'a greater incarnation': ({ known }) => ({ ...known, incarnation: NEWER_RUN, viewnum: 0 }),
  'an incarnation that is none': ({ known }) => ({ ...known, incarnation: 'zzz', viewnum: 0 }),
  'a greater incarnation, and a secret': ({ known }) => ({
    ...known,
    incarnation: NEWER_RUN,
    viewnum: 0,
    secret: 'guessed',
  }),
  'the word that it leaves': ({ known }) => ({ ...known, leaving: true }),
  'the word that it has lost its data': ({ known }) => ({ ...known, viewnum: 0 }),
  'no run': ({ replica: { server } }) => ({ server, viewnum: 0 }),
  'a seq that is far ahead': ({ known }) => known,
  'a position that it never had': ({ known, replica: { view } }) => ({
    ...known,
    position: { viewnum: view.viewnum, index: LATER },
  }),
  'the word that it has lost its backups': ({ known, replica: { view } }) => ({ ...known, lost: view.backups }),
  'another cluster': ({ known }) => ({ ...known, cluster: 'another', viewnum: FAR_VIEWNUM }),
};

/** A name that the monitor has not heard. The ping claims nothing, or too much. */
const STRANGERS: Readonly<Record<string, (knowledge: Knowledge) => Ping>> = {
  'a stranger': ({ stage }) => ({ server: stage.random.pick(NAMES), viewnum: 0, priority: stage.random.integer(0, 5) }),
  'a stranger with a run': ({ stage }) => ({
    server: stage.random.pick(NAMES),
    viewnum: 0,
    incarnation: NEWER_RUN,
    secret: 'guessed',
    seq: stage.random.integer(1, 1_000),
  }),
  'a stranger that holds a view': ({ stage, replica: { view } }) => ({
    server: stage.random.pick(NAMES),
    viewnum: stage.random.pick([view.viewnum, view.viewnum + 1, FAR_VIEWNUM]),
    cluster: view.cluster,
    incarnation: NEWER_RUN,
  }),
};

export const madeUpPings: readonly Forger[] = [
  ...Object.entries(PINGS).map(([what, make]) => forger((name) => `a ping of ${name} with ${what}`, make)),
  ...Object.entries(STRANGERS).map(([what, make]) => forger(() => `a ping of ${what}`, make)),
];

function forger(say: (name: string) => string, make: (knowledge: Knowledge) => Ping): Forger {
  return (stage) => {
    const replica = stage.cluster.replica(stage.random.pick(stage.cluster.names));
    if (replica === undefined || replica.view.viewnum === 0) return undefined;
    const params = make({ stage, replica, known: knownOf(stage, replica) });
    return { what: say(nameOf(replica.server)), to: MONITOR, method: 'sysmonitor.ping', params };
  };
}

function knownOf(stage: FaultStage, { server, incarnation, view }: ReplicaInspection): Ping {
  const bare = { server, incarnation, viewnum: view.viewnum, cluster: view.cluster, seq: LATER };
  return stage.random.chance(0.5) ? { ...bare, secret: 'guessed' } : bare;
}
