/**
 * Whether several monitors are of one state. Several addresses of one monitor are; two monitors with a state of their
 * own are not, and whoever follows one of them believes what the other never decided.
 *
 * Views change while the monitors are asked, so one difference proves nothing. Two rounds of questions do: a monitor
 * never goes back to an older view. Where one still has an older view than another one had in the round before, they
 * are not of one state.
 */
import { type Address, UnderstudyError } from '@understudy/rpc';
import { NO_VIEW, type View } from './contract.ts';
import { viewInWords } from './view-in-words.ts';

/** What one monitor answered. One without a view, or that recovers, has viewnum 0. */
export interface ToldView {
  readonly address: Address;
  readonly view: View;
  /** It knows that there was a cluster, and waits for reports (V12). */
  readonly recovers?: true;
}

/** Asks all addresses. One that gives no answer as a monitor is left out. */
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

/**
 * What two rounds show: each monitor with what it says, where they are not of one state; "" where that is not shown.
 */
export function disagreement(before: readonly ToldView[], now: readonly ToldView[]): string {
  if (!differ(before) || !differ(now)) return '';
  const clusters = new Set(now.flatMap(({ view }) => view.cluster ?? []));
  if (clusters.size < 2 && lowest(now) >= highest(before)) return '';
  return statesInWords(now);
}

/** What each monitor says. */
export function statesInWords(told: readonly ToldView[]): string {
  return told.map(inWords).join('; ');
}

/**
 * The monitor that a server of this cluster pings: the one with the greatest view of it. `cluster` undefined: the
 * server knows none yet, and joins any that there is, because a monitor without a view would begin another one with it.
 * Undefined: no monitor knows of a cluster.
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
