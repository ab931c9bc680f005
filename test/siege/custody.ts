/**
 * Whether a copy of the data may be destroyed now.
 *
 * The service promises that nothing acknowledged is lost while one good copy of the committed data remains (R9, V12). A siege that
 * destroys the last copy proves nothing. So the victim is stopped first. A stopped server commits nothing more, hence what the monitor
 * says after that is conclusive: if the acknowledged view still names another server that holds everything, that server has all that was
 * ever acknowledged. Only then is the victim's copy destroyed.
 */
import type { MonitorStatus, ServerSighting } from '@understudy/sysmonitor';
import type { SiegeCluster } from './cluster.ts';
import type { Member } from './member.ts';

export interface Custodians {
  readonly status: MonitorStatus;
  /** Those that hold everything acknowledged, the victim left out. */
  readonly others: readonly Member[];
}

export class Custody {
  readonly #cluster: SiegeCluster;
  /** Runs whose copy was destroyed. They may stay in a view until the monitor notices. */
  readonly #blanked = new Set<string>();

  constructor(cluster: SiegeCluster) {
    this.#cluster = cluster;
  }

  /** Who else holds everything; undefined when nobody certainly does. The victim stands still. */
  async besides(victim: Member): Promise<Custodians | undefined> {
    const status = await this.#cluster.monitorStatus();
    const holders = status && this.#holdersIn(status);
    const others = holders?.filter((holder) => holder !== victim) ?? [];
    return status === undefined || others.length === 0 ? undefined : { status, others };
  }

  /** All members of the acknowledged view that count hold their data: the monitor may lose its own. */
  async isWhole(): Promise<boolean> {
    const status = await this.#cluster.monitorStatus();
    if (status === undefined) return false;
    const { primary, backups, syncing } = status.view;
    const counting = [primary, ...backups].filter((server) => !syncing.includes(server));
    const everyoneAlive = this.#cluster.servers.every(({ isAlive }) => isAlive);
    return everyoneAlive && syncing.length === 0 && this.#holdersIn(status).length === counting.length;
  }

  /** The copy of this server is about to be destroyed. */
  destroyed(victim: Member, { status }: Custodians): void {
    const incarnation = sightingOf(status, victim)?.incarnation;
    if (incarnation !== undefined) this.#blanked.add(incarnation);
  }

  #holdersIn(status: MonitorStatus): readonly Member[] {
    const { view, acknowledged, phase } = status;
    if (phase !== 'serving' || !acknowledged) return [];
    const counting = [view.primary, ...view.backups].filter((server) => !view.syncing.includes(server));
    return counting.flatMap((server) => {
      const member = this.#cluster.serverAt(server);
      const sighting = member && sightingOf(status, member);
      const incarnation = view.incarnations?.[server];
      if (member === undefined || sighting === undefined || incarnation === undefined) return [];
      const isBlank = this.#blanked.has(incarnation) || sighting.condition === 'lost-data';
      const hasData = member.isAlive || this.#cluster.shape.serversKeepData;
      return !isBlank && hasData && sighting.incarnation === incarnation ? [member] : [];
    });
  }
}

export function sightingOf(status: MonitorStatus, { address }: Member): ServerSighting | undefined {
  return status.servers.find(({ server }) => server === address);
}
