/**
 * Tells whether several monitors share one state. Several addresses of one monitor do. Two monitors with separate
 * states do not, and a server that follows one of them believes what the other never decided.
 *
 * Views change while the monitors are asked, so one difference proves nothing. Two rounds of questions do: a monitor
 * never goes back to an older view. If one monitor still has an older view than another had in the previous round, they
 * do not share one state.
 */
import { type Address, UnderstudyError } from '@understudy/rpc';
import { NO_VIEW, type View } from './contract.ts';
import { viewInWords } from './view-in-words.ts';

/** The answer of one monitor. A monitor without a view, or one that recovers, has viewnum 0. */
export interface ToldView {
  readonly address: Address;
  readonly view: View;
  /** The monitor knows that there was a cluster, and waits for reports (V12). */
  readonly recovers?: true;
}

/** Asks all addresses. The result leaves out addresses that give no answer of a monitor. */
export async function viewsOf(
  addresses: readonly Address[],
  ask: (address: Address) => Promise<View>,
): Promise<readonly ToldView[]> {
  const answers = addresses.map(async (address): Promise<readonly ToldView[]> => {
    try {
      return [{ address, view: await ask(address) }];
    } catch (error) {
      if (!(error instanceof UnderstudyError)) throw error;
      return error.name === 'RECOVERING' ? [{ address, view: NO_VIEW, recovers: true }] : [];
    }
  });
  return (await Promise.all(answers)).flat();
}

/** Compares two rounds. Returns what each monitor says if they do not share one state; "" if that is not shown. */
export function disagreement(before: readonly ToldView[], now: readonly ToldView[]): string {
  if (!differ(before) || !differ(now)) return '';
  const clusters = new Set(now.flatMap(({ view }) => view.cluster ?? []));
  if (clusters.size < 2 && lowest(now) >= highest(before)) return '';
  return statesInWords(now);
}

/** A description of what each monitor says. */
export function statesInWords(told: readonly ToldView[]): string {
  return told.map(inWords).join('; ');
}

/**
 * The monitor that a server of this cluster should ping: the one with the greatest view of the cluster. If `cluster` is
 * undefined, the server knows no cluster yet and joins any that exists, because a monitor without a view would begin
 * another cluster with it. Returns undefined if no monitor knows of a cluster.
 */
export function monitorToFollow(told: readonly ToldView[], cluster: string | undefined): Address | undefined {
  const own = told.filter(({ view }) => view.viewnum > 0 && (cluster === undefined || view.cluster === cluster));
  const greatest = own.find(({ view }) => view.viewnum === highest(own));
  return (greatest ?? told.find(({ recovers }) => recovers === true))?.address;
}

function differ(told: readonly ToldView[]): boolean {
  const [first] = told;
  return told.some(
    ({ view }) => view.viewnum !== first?.view.viewnum || (view.viewnum > 0 && view.cluster !== first.view.cluster),
  );
}

function lowest(told: readonly ToldView[]): number {
  return Math.min(...told.map(({ view }) => view.viewnum));
}

function highest(told: readonly ToldView[]): number {
  return Math.max(...told.map(({ view }) => view.viewnum));
}

function inWords({ address, view, recovers }: ToldView): string {
  if (recovers === true) return `${address} has lost its view and recovers`;
  if (view.viewnum === 0) return `${address} has no view`;
  return `${address} has ${viewInWords(view)}${view.cluster === undefined ? '' : `, of cluster ${view.cluster}`}`;
}
