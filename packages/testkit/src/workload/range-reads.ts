/**
 * Reads of many keys: scans with any page size and direction, and snapshots. The checker judges each key alone, so a
 * scan of several pages counts as one read of each key in its range, at some time between its begin and its end. A
 * snapshot shows one moment: all of its reads lie within the call that opened it, however late its pages are fetched.
 */
import type { KVClient, OperationOptions, ScanEntry, ScanOptions } from '@understudy/kvservice';
import type { Situation } from '../simulation/coverage.ts';
import type { SeededRandom } from '../world/seeded-random.ts';
import type { Keys } from './keys.ts';
import type { Recorder } from './recorder.ts';

interface Reader {
  readonly name: string;
  readonly kv: KVClient;
  readonly random: SeededRandom;
  readonly keys: Keys;
  readonly recorder: Recorder;
  readonly saw: (situation: Situation) => void;
}

type Range = Pick<ScanOptions, 'prefix' | 'start' | 'end' | 'reverse' | 'pageSize'>;

/** More keys than a run creates, so one page shows all. */
const WHOLE_PAGE = 1_000;

/** After this many characters of values, a server ends a page and puts further entries in the next page. */
const PAGE_UNITS = 2 ** 19;

/** All keys in use within a range, present or absent. */
export async function scan(reader: Reader, options: OperationOptions): Promise<void> {
  const { name, kv, recorder, keys } = reader;
  const inUse = keys.current;
  const range = drawRange(reader.random, keys);
  const call = recorder.moment();
  const entries = await all(kv.scan({ ...range, ...options }));
  if (range.pageSize === WHOLE_PAGE && unitsOf(entries.slice(0, -1)) > PAGE_UNITS)
    reader.saw('page ended early by long values');
  recorder.saw(name, call, seenIn(entries, range, inUse));
}

/** One moment, read page by page. If its server has forgotten it, the remaining pages are left out. */
export async function snapshot(reader: Reader, options: OperationOptions): Promise<void> {
  const { name, kv, recorder, keys } = reader;
  const inUse = keys.current;
  const call = recorder.moment();
  const moment = await kv.snapshot(options);
  const opened = recorder.moment();
  const range = drawRange(reader.random, keys);
  const entries = await all(moment.scan({ ...range, ...options }));
  const late = entries.find(({ revision }) => revision > moment.revision);
  if (late !== undefined) {
    throw new Error(`a snapshot of revision ${moment.revision} shows ${late.key} of revision ${late.revision}`);
  }
  recorder.saw(name, call, seenIn(entries, range, inUse), opened);
}

function drawRange(random: SeededRandom, { prefix, current }: Keys): Range {
  const range: { -readonly [Name in keyof Range]: Range[Name] } = {
    prefix,
    pageSize: random.pick([1, 2, WHOLE_PAGE, WHOLE_PAGE]),
    reverse: random.chance(0.3),
  };
  if (random.chance(0.3)) range.start = random.pick(current);
  if (random.chance(0.3)) range.end = random.pick(current);
  return range;
}

async function all(entries: AsyncIterable<ScanEntry>): Promise<readonly ScanEntry[]> {
  const seen: ScanEntry[] = [];
  for await (const entry of entries) seen.push(entry);
  return seen;
}

function unitsOf(entries: readonly ScanEntry[]): number {
  return entries.reduce((units, { value }) => units + value.length, 0);
}

/**
 * What the entries show of each key in the range that was in use when the scan began. Throws if they are out of order.
 */
function seenIn(
  entries: readonly ScanEntry[],
  { start = '', end, reverse = false }: Range,
  inUse: readonly string[],
): ReadonlyMap<string, string | null> {
  for (const [place, { key }] of entries.entries()) {
    const before = entries[place - 1]?.key;
    const isInOrder = before === undefined || (reverse ? key < before : before < key);
    if (!isInOrder) throw new Error(`a scan shows ${key} after ${before}`);
    if (key < start || (end !== undefined && key >= end)) throw new Error(`a scan shows ${key}, outside its range`);
  }
  const isWanted = (key: string) => key >= start && (end === undefined || key < end);
  const values = new Map<string, string | null>(inUse.filter(isWanted).map((key) => [key, null]));
  for (const { key, value } of entries) if (values.has(key)) values.set(key, value);
  return values;
}
