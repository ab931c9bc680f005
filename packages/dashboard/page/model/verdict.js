/** The verdict: the state of the service in one plain sentence, and what it means for the reader. */
import { list, several, span } from './words.js';

/** @import { Cluster, Member, Transfer, Verdict } from './state.d.ts' */

/**
 * @param {Cluster} cluster
 * @param {{ known: number, open: number, heardAny: boolean }} reach how many nodes the page knows, and how many it hears
 * @returns {Verdict}
 */
export function verdictOn(cluster, { known, open, heardAny }) {
  if (cluster.isFromHistory) return historic(cluster);
  if (!heardAny) {
    return open === 0 && known > 0 && cluster.ageMs === undefined
      ? { level: 'unknown', headline: 'Connecting …', more: 'No node has answered yet.' }
      : unreachable(cluster, known);
  }
  if (open === 0) return unreachable(cluster, known);
  const monitor = cluster.monitors.find(({ isHeard }) => isHeard);
  if (monitor === undefined) return withoutMonitor(cluster);
  return standstill(cluster, monitor) ?? inChange(cluster) ?? full(cluster) ?? serving(cluster);
}

/** @param {Cluster} cluster @returns {Verdict} */
function historic({ view, acknowledged }) {
  return {
    level: 'unknown',
    headline: `View ${view.viewnum}${acknowledged === false ? ', not yet acknowledged' : ''}`,
    more: 'This was before the page listened: it is known who had which seat, and nothing else.',
  };
}

/** @param {Cluster} cluster @param {number} known @returns {Verdict} */
function unreachable({ ageMs }, known) {
  const seen = ageMs === undefined ? '' : ` What you see is ${span(ageMs)} old.`;
  return {
    level: 'bad',
    headline: known === 1 ? 'The only node that this page knows does not answer.' : 'Nobody answers.',
    more: `${known === 1 ? 'It' : `Each of the ${known} nodes that this page knows`} is tried again and again.${seen}`,
  };
}

/** @param {Cluster} cluster @returns {Verdict} */
function withoutMonitor(cluster) {
  const { primary } = seats(cluster);
  if (primary?.isHeard === true && primary.server?.ready === true) {
    return {
      level: 'warn',
      headline: 'All goes on, but no monitor answers.',
      more: 'Reads and writes are served. If the primary dies now, nobody takes over: start the monitor again, at the same address, without --new.',
    };
  }
  return {
    level: 'bad',
    headline: 'No monitor answers, and no primary serves.',
    more: 'Nobody can take over until the monitor is back: start it again, at the same address, without --new.',
  };
}

/**
 * There is no service, and it will not return by itself.
 * @param {Cluster} cluster @param {Member} monitor @returns {Verdict | undefined}
 */
function standstill({ waiting }, monitor) {
  const servers = list(waiting?.servers ?? []);
  switch (waiting?.kind) {
    case 'first-server':
      return {
        level: 'unknown',
        headline: 'No servers yet.',
        more: 'The monitor waits for the first one. Start it in a terminal:',
        command: `npx understudy server --listen 127.0.0.1:0 --monitor ${monitor.node}`,
      };
    case 'survivors':
      return {
        level: 'unknown',
        headline: 'Just started.',
        more: 'The monitor listens for a moment whether servers of an earlier run are there.',
      };
    case 'reports':
      return {
        level: 'bad',
        headline: 'No service: the monitor lost its state.',
        more: `It goes on once it has heard ${servers || 'the servers of the last view'}.`,
      };
    case 'data':
      return servers === ''
        ? {
            level: 'bad',
            headline: 'No service: every server that held all the data has lost it.',
            more: 'Only a new cluster, or a backup file, can go on from here.',
          }
        : {
            level: 'bad',
            headline: 'No service: nobody who is here holds all the data.',
            more: `Only ${servers} ${waiting.servers.length === 1 ? 'does' : 'do'}: one of them has to come back with it.`,
          };
    default:
      return undefined;
  }
}

/** Lasts a moment, usually less than a second. @param {Cluster} cluster @returns {Verdict | undefined} */
function inChange(cluster) {
  const { primary } = seats(cluster);
  const { waiting, view } = cluster;
  if (waiting?.kind === 'successor') {
    return {
      level: 'bad',
      headline: `Failing over: ${view.primary} is gone.`,
      more: `${list(waiting.servers)} takes over with its next ping. Clients wait and try again.`,
    };
  }
  if (primary === undefined) return undefined;
  if (primary.condition === 'suspect' || primary.condition === 'dead' || primary.condition === 'paused') {
    const limitMs = cluster.pingIntervalMs * cluster.deadPings;
    const silence = primary.lastPingMs === undefined ? '' : ` for ${span(primary.lastPingMs)}`;
    return {
      level: 'bad',
      headline: `The primary, ${primary.node}, is silent${silence}.`,
      more: `After ${span(limitMs)} a backup that holds everything takes over. Clients wait and try again.`,
    };
  }
  if (primary.isHeard && primary.server?.role === 'primary' && !primary.server.ready) {
    return {
      level: 'warn',
      headline: `${primary.node} is taking over.`,
      more: 'It is primary and will serve as soon as the promises of the last view have run out.',
    };
  }
  return undefined;
}

/**
 * A server that must hold the data has no memory left for more.
 * @param {Cluster} cluster @returns {Verdict | undefined}
 */
function full(cluster) {
  const { primary, holders } = seats(cluster);
  if (primary?.server === undefined) return undefined;
  const { backups } = primary.server;
  const told = new Set(backups.filter((it) => it.full === true && !it.syncing).map(({ server }) => server));
  const names = holders.filter((it) => told.has(it.node) || (it === primary && it.server?.memory?.full === true));
  if (names.length === 0) return undefined;
  const without = holders.length < 2 && (cluster.backupsWanted ?? 1) > 0 ? ' There is no backup either.' : '';
  const hold = names.length === 1 ? 'holds' : 'hold';
  const held = `${list(names.map(({ node }) => node))} ${hold} nearly as much as --max-memory allows.`;
  return {
    level: 'warn',
    headline: 'Memory is full: writes that add data are refused.',
    more: `${held} Reads and deletes go on. Delete something, or give the servers more.${without}`,
  };
}

/** @param {Cluster} cluster @returns {Verdict} */
function serving(cluster) {
  const { holders, syncing, spares } = seats(cluster);
  const wanted = cluster.backupsWanted ?? 1;
  const alone = holders.length < 2;
  if (alone && wanted > 0) {
    return {
      level: 'warn',
      headline: 'No backup: one more failure loses data.',
      more:
        syncing.length === 0
          ? 'Only one server holds the data. Start another: it joins by itself.'
          : gets(syncing, cluster.transfers),
    };
  }
  if (holders.length - 1 < wanted) {
    const missing = `${holders.length - 1} of ${wanted} backups ${holders.length - 1 === 1 ? 'is' : 'are'} in place`;
    return {
      level: 'warn',
      headline: `${several(holders.length, 'server')} hold everything, one backup too few.`,
      more: syncing.length === 0 ? `${missing}: start another server.` : gets(syncing, cluster.transfers),
    };
  }
  return {
    level: 'good',
    headline: alone ? 'All is well.' : `All is well: ${holders.length} servers hold everything.`,
    more: alone
      ? 'One server, and no backup is wanted.'
      : `Any one of them may die and nothing is lost${spares.length === 0 ? '; there is no spare to take its place.' : `; ${several(spares.length, 'spare')} would take its place.`}`,
  };
}

/** @param {readonly Member[]} syncing @param {readonly Transfer[]} transfers */
function gets(syncing, transfers) {
  const names = list(syncing.map(({ node }) => node));
  const transfer = transfers.find(({ to }) => syncing.some(({ node }) => node === to));
  const share =
    transfer === undefined || transfer.total === 0
      ? ''
      : `, ${Math.floor((100 * transfer.sent) / transfer.total)} % done`;
  const rest = transfer?.remainingMs === undefined ? '' : `, about ${span(Math.max(1_000, transfer.remainingMs))} left`;
  return `${names} is getting the data${share}${rest}; writes go on meanwhile.`;
}

/** @param {Cluster} cluster */
function seats({ members }) {
  const isUp = (/** @type {Member} */ { condition }) => condition === 'live';
  return {
    primary: members.find(({ role }) => role === 'primary'),
    holders: members.filter(
      (it) => (it.role === 'primary' || it.role === 'backup') && isUp(it) && it.remark !== 'came back without its data',
    ),
    syncing: members.filter(({ role, condition }) => role === 'backup' && condition === 'syncing'),
    spares: members.filter((it) => it.role === 'idle' && isUp(it)),
  };
}
