/** The actions of the panel of `understudy up --chaos`: checks each request, and carries it out. */
import type { ChaosState } from '@understudy/dashboard';
import { type PageRequest, UnderstudyError, unreachable } from '@understudy/rpc';
import { CommandFailure } from '../exit.ts';
import type { LocalCluster } from '../up/cluster.ts';
import type { Seat } from '../up/seat.ts';
import type { Cuts, Side } from './cuts.ts';
import type { Load } from './load.ts';

export interface ActionsParts {
  readonly cluster: LocalCluster;
  readonly cuts: Cuts;
  readonly load: Load;
  /** Sends the cuts to the processes. */
  readonly spread: () => void;
}

/** What was done, for people and for programs. */
export interface Deed {
  readonly text: string;
  readonly notice: { readonly kind: 'chaos'; readonly action: string; readonly node?: string };
}

const NODE_ACTIONS = ['kill', 'pause', 'resume', 'restart', 'cut', 'heal'] as const;
type NodeAction = (typeof NODE_ACTIONS)[number];
const MAX_RATE = 20_000;

export class Actions {
  readonly #parts: ActionsParts;

  constructor(parts: ActionsParts) {
    this.#parts = parts;
  }

  get state(): ChaosState {
    const { cluster, cuts, load } = this.#parts;
    const nodes = cluster.seats.map(({ address, service, state, pid }) => {
      return { node: address, kind: service, state, pid, cutFrom: cuts.of(address) };
    });
    return { nodes, load: load.state };
  }

  /** METHOD_NOT_FOUND if there is no such action. INVALID_PARAMS if the request is wrong, or cannot be done now. */
  async perform({ rest: action, query }: Pick<PageRequest, 'rest' | 'query'>): Promise<Deed> {
    if (action === 'load') return this.#setLoad(query);
    if (!isNodeAction(action)) {
      const message = `no action ${JSON.stringify(action)}: there are ${NODE_ACTIONS.join(', ')} and load`;
      throw new UnderstudyError('METHOD_NOT_FOUND', message);
    }
    const seat = this.#seatOf(query.node);
    try {
      const what = await this.#do(action, seat, query);
      return { text: `${what} ${seat.address}`, notice: { kind: 'chaos', action, node: seat.address } };
    } catch (error) {
      if (error instanceof CommandFailure) throw invalid('node', error.message);
      throw error;
    }
  }

  async #do(action: NodeAction, seat: Seat, query: PageRequest['query']): Promise<string> {
    const { cluster, cuts, spread } = this.#parts;
    switch (action) {
      case 'kill':
        await seat.kill();
        return 'kill -9';
      case 'pause':
        seat.pause();
        return 'kill -STOP';
      case 'resume':
        seat.resume();
        return 'kill -CONT';
      case 'restart':
        await cluster.restart(seat);
        return 'started again:';
      case 'cut': {
        const sides = sidesOf(seat, query.from);
        cuts.cut(seat.address, sides);
        spread();
        return `cut off from ${sides.map((side) => WHOM[side]).join(' and ')}:`;
      }
      case 'heal':
        cuts.heal(seat.address);
        spread();
        return 'no longer cut off:';
      default:
        return unreachable(action);
    }
  }

  #setLoad(query: PageRequest['query']): Deed {
    const rate = Number(query.rate ?? '');
    if (!/^\d+$/.test(query.rate ?? '') || rate > MAX_RATE) {
      throw invalid('rate', `rate: a whole number of operations per second, 0 to ${MAX_RATE}`);
    }
    this.#parts.load.set(rate);
    const text = rate === 0 ? 'no more load' : `load: ${rate} operations per second`;
    return { text, notice: { kind: 'chaos', action: 'load' } };
  }

  #seatOf(node: string | undefined): Seat {
    const { seats } = this.#parts.cluster;
    const seat = seats.find(({ address }) => address === node);
    if (seat !== undefined) return seat;
    throw invalid('node', `node: one of ${seats.map(({ address }) => address).join(', ')}`);
  }
}

function isNodeAction(action: string): action is NodeAction {
  return (NODE_ACTIONS as readonly string[]).includes(action);
}

const WHOM: Readonly<Record<Side, string>> = { monitor: 'the monitor', servers: 'the servers' };

function sidesOf({ service }: Seat, from = 'both'): readonly Side[] {
  if (from !== 'both' && from !== 'monitor' && from !== 'servers') {
    throw invalid('from', 'from: monitor, servers or both');
  }
  if (service === 'server') return from === 'both' ? ['monitor', 'servers'] : [from];
  if (from === 'monitor') throw invalid('from', 'from: the monitor can be cut off from the servers only');
  return ['servers'];
}

function invalid(field: string, message: string): UnderstudyError {
  return new UnderstudyError('INVALID_PARAMS', message, { data: { field } });
}
