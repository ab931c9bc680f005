/** Faults of the links between processes, and between clients and processes. */
import type { SeededRandom } from '@understudy/testkit';
import { CLIENTS, MONITOR } from '../cluster.ts';
import type { Fault, Field } from '../field.ts';
import type { Layer } from '../links.ts';
import { sleep } from '../waiting.ts';

/** Both directions between two nodes, one direction only, or one node from all others. */
export const cut: Fault = async (field, random, durationMs) => {
  const [one, other] = pairOf(field, random);
  const shapes: readonly (readonly [string, Layer['concerns']])[] = [
    [`${one} <-/-> ${other}`, between(one, other)],
    [`${one} -/-> ${other}`, (from, to) => from === one && to === other],
    [
      `${one} from all other processes`,
      (from, to) => (from === one || to === one) && from !== CLIENTS && to !== CLIENTS,
    ],
  ];
  const [what, concerns] = random.pick(shapes);
  field.tally.add('cuts');
  await during(field, `cut ${what}`, { concerns, state: { cut: true } }, durationMs);
  // The connections of a long partition are as often dead as they are late.
  if (random.chance(0.5)) field.tally.add('resetConnections', field.cluster.links.reset(concerns));
};

export const loss: Fault = async (field, random, durationMs) => {
  const [concerns, where] = someLinks(field, random);
  const percent = random.pick([5, 10, 30]);
  field.tally.add('lossyLinks');
  const state = { loss: percent / 100, reset: percent / 10_000 };
  await during(field, `${percent} % loss ${where}`, { concerns, state }, durationMs);
};

/** Delay, or little bandwidth. */
export const slow: Fault = async (field, random, durationMs) => {
  const [concerns, where] = someLinks(field, random);
  const states = [
    { delayMs: 20, jitterMs: 20 },
    { delayMs: 60, jitterMs: 60 },
    { bytesPerSecond: 1_000_000 },
    { bytesPerSecond: 5_000_000, delayMs: 20 },
  ];
  const state = random.pick(states);
  field.tally.add('slowLinks');
  await during(field, `slow ${where}: ${JSON.stringify(state)}`, { concerns, state }, durationMs);
};

/** Works and does not work, in turns. */
export const flap: Fault = async (field, random, durationMs) => {
  const [one, other] = pairOf(field, random);
  field.tally.add('flappingLinks');
  field.tell(`flapping ${one} <-> ${other} for ${Math.round(durationMs)} ms`);
  const endMs = performance.now() + durationMs;
  while (performance.now() < endMs) {
    const lift = field.cluster.links.lay({ concerns: between(one, other), state: { cut: true } });
    await sleep(random.integer(20, 700));
    lift();
    await sleep(random.integer(20, 500));
  }
};

export const reset: Fault = async (field, random) => {
  const [concerns, where] = someLinks(field, random);
  const count = field.cluster.links.reset(concerns);
  field.tally.add('resetConnections', count);
  field.tell(`${count} connections reset ${where}`);
};

async function during(field: Field, what: string, layer: Layer, durationMs: number): Promise<void> {
  field.tell(`${what} for ${Math.round(durationMs)} ms`);
  const lift = field.cluster.links.lay(layer);
  await sleep(durationMs);
  lift();
}

function between(one: string, other: string): Layer['concerns'] {
  return (from, to) => (from === one && to === other) || (from === other && to === one);
}

function pairOf(field: Field, random: SeededRandom): readonly [string, string] {
  const servers = field.cluster.servers.map(({ name }) => name);
  const [one = '', other = ''] = random.shuffle([...servers, ...servers, MONITOR, CLIENTS]);
  return one === other || (one === CLIENTS && other === MONITOR) ? pairOf(field, random) : [one, other];
}

function someLinks(field: Field, random: SeededRandom): readonly [Layer['concerns'], string] {
  const [one, other] = pairOf(field, random);
  const choices: readonly (readonly [Layer['concerns'], string])[] = [
    [() => true, 'on all links'],
    [(from, to) => from !== CLIENTS && to !== CLIENTS, 'between the processes'],
    [between(one, other), `${one} <-> ${other}`],
    [(from, to) => from === one || to === one, `around ${one}`],
  ];
  return random.pick(choices);
}
