/** What was measured of the dashboard's cost, in tables, and held against the bounds. */

import { machine, ms, printTable, writeJson } from '../support/report.ts';
import { median, medianInterval } from '../support/statistics.ts';
import type { Received } from './message.ts';
import type { Cost } from './side.ts';

const VIEWERS_BOUND = 0.03;
const NOBODY_FLOOR = 0.01;

export type Case = 'without' | 'without again' | 'nobody' | 'viewers';

/** What one set of clusters showed. */
export interface SetMeasured {
  readonly rounds: readonly Round[];
  /** Shares of one core that monitor and servers take with hardly any load, in pairs. */
  readonly resting: readonly { readonly nobody: number; readonly viewers: number }[];
}

export interface Round {
  /** Which set of clusters. */
  readonly set: number;
  readonly costs: Readonly<Record<Case, Cost>>;
  readonly looked: Looked;
}

/** What all viewers together got and took, a second. */
export interface Looked extends Received {
  /** Share of one core. */
  readonly cores: number;
}

/** The exit code. */
export function report(measured: readonly SetMeasured[], inFlight: number, jsonFile: string | undefined): number {
  const rounds = measured.flatMap((set) => set.rounds);
  const resting = measured.flatMap((set) => set.resting);
  console.log(`${machine()}; ${inFlight} puts in flight, ${rounds.length} rounds\n`);
  const cases: readonly Case[] = ['without', 'without again', 'nobody', 'viewers'];
  printTable([
    ['', 'puts/s', 'p99', 'processor, all', 'the primary'],
    ...cases.map((name) =>
      row(
        name,
        rounds.map(({ costs }) => costs[name]),
      ),
    ),
  ]);
  const viewers = comparison('viewers', 'nobody', rounds);
  const page = comparison('nobody', 'without', rounds);
  const same = comparison('without again', 'without', rounds);
  console.log('');
  printTable([
    ['ratio', 'processor', 'the primary', 'puts/s'],
    ...[viewers, page, same].map(({ title, processor, primary, puts }) => [
      title,
      ...[processor, primary, puts].map(withInterval),
    ]),
  ]);
  const ofLooked = (of: (looked: Looked) => number) => median(rounds.map(({ looked }) => of(looked)));
  const looked = {
    cores: ofLooked(({ cores }) => cores),
    bytes: ofLooked(({ bytes }) => bytes),
    samples: ofLooked(({ samples }) => samples),
  };
  console.log(
    `\nthe viewers themselves, together: ${(100 * looked.cores).toFixed(1)} % of a core for ${looked.samples.toFixed(0)} samples and ${(looked.bytes / 1_024).toFixed(0)} KiB a second`,
  );
  const atRest = resting.map(({ nobody, viewers }) => viewers - nobody);
  const atLoad = median(rounds.map(({ costs: { nobody } }) => (nobody.perSecond * nobody.microseconds) / 1e6));
  console.log(
    `with ten puts a second they make the servers take ${withInterval(atRest.map((it) => 100 * it))} % of a core more; at full load the servers take ${(100 * atLoad).toFixed(0)} %\n`,
  );
  const verdicts = [
    verdict('viewers, at full load: processor', viewers.processor.map(above), VIEWERS_BOUND),
    verdict(
      'viewers, at full load: puts',
      viewers.puts.map((ratio) => -above(ratio)),
      VIEWERS_BOUND,
    ),
    verdict(
      'viewers, at rest, of the processor at full load',
      atRest.map((it) => it / atLoad),
      VIEWERS_BOUND,
    ),
    verdict('while nobody looks: processor', page.processor.map(above), Math.max(NOBODY_FLOOR, apart(rounds))),
  ];
  for (const { text } of verdicts) console.log(text);
  writeJson(jsonFile, {
    machine: machine(),
    rounds,
    resting,
    comparisons: [viewers, page, same],
    looked,
    verdicts,
  });
  return verdicts.some(({ isBroken }) => isBroken) ? 1 : 0;
}

function above(ratio: number): number {
  return ratio - 1;
}

function row(name: string, costs: readonly Cost[]): readonly (string | number)[] {
  const middle = (of: (cost: Cost) => number) => median(costs.map(of));
  return [
    name,
    Math.round(middle(({ perSecond }) => perSecond)),
    ms(middle(({ p99Ms }) => p99Ms)),
    `${middle(({ microseconds }) => microseconds).toFixed(2)} us`,
    `${middle(({ primaryMicroseconds }) => primaryMicroseconds).toFixed(2)} us`,
  ];
}

function withInterval(ratios: readonly number[]): string {
  const [least, greatest] = medianInterval(ratios).map((it) => it.toFixed(3));
  return `${median(ratios).toFixed(3)} (${least} - ${greatest})`;
}

/** One over the other, round by round. */
interface Comparison {
  readonly title: string;
  readonly processor: readonly number[];
  readonly primary: readonly number[];
  readonly puts: readonly number[];
}

function comparison(one: Case, other: Case, rounds: readonly Round[]): Comparison {
  const ratios = (of: (cost: Cost) => number) => rounds.map(({ costs }) => of(costs[one]) / of(costs[other]));
  return {
    title: `${one} : ${other}`,
    processor: ratios(({ microseconds }) => microseconds),
    primary: ratios(({ primaryMicroseconds }) => primaryMicroseconds),
    puts: ratios(({ perSecond }) => perSecond),
  };
}

/** By how much the two clusters without the page differ most, of all sets. */
function apart(rounds: readonly Round[]): number {
  const sets = [...new Set(rounds.map(({ set }) => set))];
  return Math.max(
    ...sets.map((set) => {
      const same = comparison(
        'without again',
        'without',
        rounds.filter((round) => round.set === set),
      );
      return Math.abs(median(same.processor) - 1);
    }),
  );
}

/** Of costs as shares of what there was without. */
function verdict(
  what: string,
  costs: readonly number[],
  bound: number,
): { readonly text: string; readonly isBroken: boolean } {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const [least, greatest] = medianInterval(costs);
  const isBroken = least > bound;
  const word = median(costs) <= bound ? 'kept' : isBroken ? 'BROKEN' : 'not decided';
  const text = `${what}: costs ${percent(median(costs))} (${percent(least)} - ${percent(greatest)}), bound ${percent(bound)}: ${word}`;
  return { text, isBroken };
}
