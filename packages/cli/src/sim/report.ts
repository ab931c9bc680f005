/** The text that `understudy sim` prints: one line per failed seed, and a summary at the end. */
import { FAULT_CLASSES, type Violation } from '@understudy/testkit';
import { table } from '../table.ts';
import { count, counted, factor, span, wrapped } from '../words.ts';
import type { SimRequest } from './request.ts';
import type { Tally } from './tally.ts';
import type { Outcome, Seed } from './task.ts';

/** The most reasons to halt, and seeds per reason, in a summary. */
const MOST_REASONS = 5;
const MOST_SEEDS = 5;

/** Describes a failed seed: in one line or, for the first one, with every violation and how to reproduce it. */
export function failureInWords({ result }: Outcome, { replay, watch }: SimRequest, isFirst: boolean): string {
  const { seed, violations } = result;
  const [violation] = violations;
  if (violation === undefined) return '';
  if (!isFirst) return `seed ${seed}: ${lineOf(violation)}`;
  return [
    ...violations.map((each) => `seed ${seed}: ${propertyOf(each)}\n${indented(messageOf(each))}`),
    `  replay it: ${replay(seed)}`,
    `  watch it:  ${watch(seed)}`,
  ].join('\n');
}

/** Summarizes a batch. */
export function summaryInWords(tally: Tally, request: SimRequest, elapsedMs: number): string {
  const { seeds, operations, events, virtualMs, undecidedKeys } = tally.totals;
  const of = seeds < request.seeds.length ? ` of ${count(request.seeds.length)}` : '';
  if (seeds === 0) return `no seed${of} is through`;
  return [
    `${count(seeds)}${of} ${request.seeds.length === 1 ? 'seed' : 'seeds'}: ${verdicts(tally)}`,
    ...haltsInWords(tally.halted),
    ...undecidedInWords(undecidedKeys),
    `${counted(operations, 'operation')}, ${counted(events, 'event')}`,
    `${span(virtualMs)} of virtual time in ${span(elapsedMs)}: ${factor(virtualMs, elapsedMs)}, in ${processes(request.jobs)}`,
    '',
    wrapped('faults that struck: ', faultsInWords(tally.faults)),
    ...absentInWords(tally.faults, request),
    '',
    situationsInWords(tally.coverage),
  ].join('\n');
}

/** Describes one run. */
export function runInWords({ result, tookMs, views }: Outcome): string {
  const { seed, digest, operations, events, violations, faults, coverage, halted, undecidedKeys, seconds } = result;
  const virtualMs = violations[0]?.atMs ?? seconds * 1_000;
  const seen = Object.entries(coverage).filter(([, times]) => times > 0);
  const rows = [
    ['digest', digest],
    ['operations', count(operations)],
    ['events', count(events)],
    ...(views === undefined ? [] : [['views', count(views)]]),
    ['time', `${span(virtualMs)} of virtual time in ${span(tookMs)}: ${factor(virtualMs, tookMs)}`],
  ];
  return [
    `seed ${seed}: ${verdictOn(violations.length, halted)}`,
    ...undecidedInWords(undecidedKeys),
    table(rows.map((row) => ['', ...row])),
    wrapped('  faults      ', faultsInWords(new Map(Object.entries(faults)))),
    wrapped('  situations  ', seen.length === 0 ? ['none'] : seen.map(([name, times]) => `${name} ${count(times)}`)),
  ].join('\n');
}

/** The share of a large batch that may halt. A bug that makes the service stand still breaks no other property. */
const MOST_HALTS = 0.05;

/** Why the batch fails although it broke no property; "" if it does not fail. */
export function shortcomingInWords(tally: Tally, { mustSeeAll }: SimRequest): string {
  if (!mustSeeAll) return '';
  const { unseen, haltedSeeds, totals } = tally;
  if (unseen.length > 0) return `no seed of this batch saw: ${unseen.join(', ')}; so it proves too little`;
  if (haltedSeeds <= MOST_HALTS * totals.seeds) return '';
  return `${count(haltedSeeds)} of ${count(totals.seeds)} seeds halted, more than ${MOST_HALTS * 100} %: the service stands still too often`;
}

function verdicts({ totals, haltedSeeds }: Tally): string {
  const { seeds, violated } = totals;
  const well = `${count(seeds - violated - haltedSeeds)} went well`;
  return `${well}, ${count(violated)} violated, ${count(haltedSeeds)} halted`;
}

function processes(jobs: number): string {
  return jobs === 1 ? 'one process' : `${jobs} processes`;
}

function lineOf(violation: Violation): string {
  return `${propertyOf(violation)}: ${violation.message.split('\n')[0]}`;
}

function propertyOf({ property, rules, atMs }: Violation): string {
  const cited = rules === '' ? '' : ` (${rules})`;
  return `VIOLATED after ${(atMs / 1_000).toFixed(3)} s: ${property}${cited}`;
}

function messageOf({ message }: Violation): string {
  return message.trimEnd();
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}

function verdictOn(violations: number, halted: string): string {
  if (violations > 0) return counted(violations, 'violation');
  return halted === '' ? 'every property held' : `no property was broken, but the service could not go on: ${halted}`;
}

function haltsInWords(halted: ReadonlyMap<string, readonly Seed[]>): readonly string[] {
  const reasons = [...halted].sort(([, a], [, b]) => b.length - a.length);
  const lines = reasons.slice(0, MOST_REASONS).map(([reason, seeds]) => `  halted: ${reason} (${seedsInWords(seeds)})`);
  const more = reasons.length - MOST_REASONS;
  return more > 0 ? [...lines, `  halted: for ${counted(more, 'other reason')}; --json has them all`] : lines;
}

function seedsInWords(seeds: readonly Seed[]): string {
  const more = seeds.length - MOST_SEEDS;
  const named = `seed${seeds.length === 1 ? '' : 's'} ${seeds.slice(0, MOST_SEEDS).join(', ')}`;
  return more > 0 ? `${named} and ${count(more)} more` : named;
}

function undecidedInWords(keys: number): readonly string[] {
  return keys === 0 ? [] : [`  undecided: the histories of ${counted(keys, 'key')} took too long to judge`];
}

/** In the order of the list of classes. */
function faultsInWords(faults: ReadonlyMap<string, number>): readonly string[] {
  const struck = FAULT_CLASSES.filter((fault) => (faults.get(fault) ?? 0) > 0);
  return struck.length === 0 ? ['none'] : struck.map((fault) => `${fault} ${count(faults.get(fault) ?? 0)}`);
}

/** For a batch with all faults, the classes that never struck. */
function absentInWords(faults: ReadonlyMap<string, number>, { settings }: SimRequest): readonly string[] {
  const absent = FAULT_CLASSES.filter((fault) => !faults.has(fault));
  return settings.faults !== 'all' || absent.length === 0 ? [] : [wrapped('that never struck:  ', absent)];
}

function situationsInWords(coverage: ReadonlyMap<string, number>): string {
  const rows = [...coverage].map(([name, times]) => [name, times === 0 ? 'never seen' : count(times)]);
  return table([['SITUATION', 'TIMES'], ...rows]);
}
