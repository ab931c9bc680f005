/** Faults of the network between processes. */
import type { LinkFaults } from '../world/link.ts';
import type { NETWORK_FAULTS } from './classes.ts';
import type { FaultStage } from './stage.ts';

type Faults = Readonly<Record<(typeof NETWORK_FAULTS)[number], (stage: FaultStage) => void>>;

/** Mean milliseconds between two spells, and of one spell, unless stated otherwise. */
const BETWEEN_MS = 4_000;
const SPELL_MS = 2_000;

export const networkFaults: Faults = {
  drop: (stage) => weather(stage, { drop: stage.scaled(0.005, 0.25) }, { drop: 0 }),
  delay: (stage) => weather(stage, { jitterMs: stage.scaled(1, 40) }, { jitterMs: 0.1 }),
  straggle: (stage) => weather(stage, { straggle: stage.scaled(0.002, 0.1) }, { straggle: 0 }),
  duplicate: (stage) => weather(stage, { duplicate: stage.scaled(0.01, 0.3) }, { duplicate: 0 }),
  replay: (stage) => weather(stage, { replay: stage.scaled(0.005, 0.1) }, { replay: 0 }),
  reorder: (stage) => weather(stage, { reorder: stage.scaled(0.01, 0.3) }, { reorder: 0 }),
  'lost-reply': (stage) => weather(stage, { loseReply: stage.scaled(0.005, 0.2) }, { loseReply: 0 }),
  reset: (stage) =>
    stage.repeatedly(3_000 / stage.scaled(1, 20), () => {
      const [one, other] = pair(stage, stage.everybody);
      stage.strike(`${one} and ${other} lose their connections`, one, other);
      stage.network.reset(one, other);
    }),
  clog: (stage) =>
    stage.spells(BETWEEN_MS, stage.scaled(50, 3_000), () => {
      const [from, to] = pair(stage, stage.everybody);
      stage.strike(`what ${from} sends to ${to} waits`, from, to);
      stage.network.clog(from, to);
      return () => stage.network.mend(from, to);
    }),
  'cut-one-way': (stage) =>
    stage.spells(BETWEEN_MS, stage.scaled(100, 3_000), () => {
      const [from, to] = pair(stage, stage.everybody);
      stage.strike(`nothing that ${from} sends reaches ${to}`, from, to);
      stage.network.cutOneWay(from, to);
      return () => stage.network.mend(from, to);
    }),
  partition: (stage) =>
    stage.spells(BETWEEN_MS, stage.scaled(200, 4_000), () => {
      const { what, cuts } = stage.random.pick(PARTITIONS)(stage);
      stage.strike(what, ...new Set(cuts.flat()));
      for (const [one, other] of cuts) stage.network.cut(one, other);
      return () => {
        for (const [one, other] of cuts) stage.network.mend(one, other);
      };
    }),
  // Neither its clients nor the primary itself know yet that it was deposed.
  depose: (stage) =>
    stage.spells(BETWEEN_MS, stage.scaled(1_500, 4_000), () => {
      const { primary, names } = stage.cluster;
      if (primary === '') return undefined;
      const others = names.filter((name) => name !== primary);
      const what = `the primary ${primary} loses the monitor, and, once another is primary, all but its clients`;
      stage.strike(what, primary);
      stage.network.cut(primary, 'm');
      let isOver = false;
      const watch = () => {
        if (isOver) return;
        if (stage.cluster.primary === primary) stage.later(5, watch);
        else for (const other of others) stage.network.cut(primary, other);
      };
      watch();
      return () => {
        isOver = true;
        for (const other of [...others, 'm']) stage.network.mend(primary, other);
      };
    }),
  'slow-link': (stage) =>
    stage.spells(BETWEEN_MS, stage.scaled(500, 5_000), () => {
      const [from, to] = pair(stage, stage.nodes);
      if (stage.random.chance(0.5)) return narrow(stage, from, to);
      const latencyMs = stage.random.exponential(stage.scaled(5, 150));
      stage.strike(`what ${from} sends to ${to} takes ${latencyMs.toFixed(0)} ms`, from, to);
      stage.network.configureLink(from, to, { latencyMs });
      return () => stage.network.configureLink(from, to, { latencyMs: 0.25 });
    }),
};

/** A slow link: little gets through per second, on each connection or on all of them together. */
function narrow(stage: FaultStage, from: string, to: string): () => void {
  const bytesPerSecond = Math.max(stage.parts.leastBytesPerSecond, Math.round(1e7 / stage.scaled(1, 150)));
  const sharedQueue = stage.random.chance(0.5);
  const what = sharedQueue ? 'all connections together' : 'each connection';
  stage.strike(`of what ${from} sends to ${to}, ${what} carry ${bytesPerSecond} bytes a second`, from, to);
  stage.network.configureLink(from, to, { bytesPerSecond, sharedQueue });
  return () => stage.network.configureLink(from, to, { bytesPerSecond: Number.POSITIVE_INFINITY });
}

/** Bad conditions for a while, on all links or on a single one. */
function weather(stage: FaultStage, bad: Partial<LinkFaults>, good: Partial<LinkFaults>): void {
  stage.spells(BETWEEN_MS, SPELL_MS, () => {
    if (stage.random.chance(0.5)) {
      stage.strike(`everywhere ${JSON.stringify(bad)}`);
      stage.network.configure(bad);
      return () => stage.network.configure(good);
    }
    const [from, to] = pair(stage, stage.everybody);
    stage.strike(`from ${from} to ${to} ${JSON.stringify(bad)}`, from, to);
    stage.network.configureLink(from, to, bad);
    return () => stage.network.configureLink(from, to, good);
  });
}

type Cuts = { readonly what: string; readonly cuts: readonly (readonly [string, string])[] };

const PARTITIONS: readonly ((stage: FaultStage) => Cuts)[] = [
  (stage) => {
    const name = stage.random.pick(stage.nodes);
    return {
      what: `${name} is alone`,
      cuts: stage.everybody.filter((other) => other !== name).map((other) => [name, other]),
    };
  },
  (stage) => {
    const shuffled = stage.random.shuffle(stage.everybody);
    const size = stage.random.integer(1, shuffled.length - 1);
    const [one, other] = [shuffled.slice(0, size), shuffled.slice(size)];
    return {
      what: `${one} and ${other} are apart`,
      cuts: one.flatMap((left) => other.map((right) => [left, right] as const)),
    };
  },
  // Every node reaches only its two neighbours.
  (stage) => {
    const ring = stage.random.shuffle(stage.nodes);
    const cuts = ring.flatMap((name, place) => ring.slice(place + 2).map((other) => [name, other] as const));
    return { what: `a ring ${ring}`, cuts: cuts.filter(([one, other]) => one !== ring[0] || other !== ring.at(-1)) };
  },
  (stage) => {
    const name = stage.random.pick(stage.cluster.names);
    return { what: `${name} and the monitor are apart`, cuts: [[name, 'm']] };
  },
  (stage) => {
    const { primary, backups } = stage.cluster;
    const cuts = primary === '' ? [] : backups.map((backup) => [primary, backup] as const);
    return { what: `the primary ${primary} and its backups are apart`, cuts };
  },
  (stage) => {
    const { primary, names } = stage.cluster;
    const others = [...names.filter((name) => name !== primary), 'm'];
    return {
      what: `only clients reach the primary ${primary}`,
      cuts: primary === '' ? [] : others.map((other) => [primary, other]),
    };
  },
];

function pair(stage: FaultStage, among: readonly string[]): readonly [string, string] {
  const one = stage.random.pick(among);
  return [one, stage.random.pick(among.filter((name) => name !== one))];
}
