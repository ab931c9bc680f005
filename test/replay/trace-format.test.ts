/** What a trace says: the format that docs/TRACE.md describes, the same bytes for the same seed, and every beginning with its end. */
import { readFileSync } from 'node:fs';
import { type SimulationOptions, simulate, type TraceEvent } from '@understudy/testkit';
import { expect } from 'chai';
import { fieldsOfKinds, parseLine } from '../../packages/cli/src/replay/trace-line.ts';
import { runWith, STALE_READ, traceOf } from './support/runs.ts';

const DOCUMENT = readFileSync(new URL('../../docs/TRACE.md', import.meta.url), 'utf8');

type Of<Kind extends TraceEvent['kind']> = Extract<TraceEvent, { kind: Kind }>;

function ofKind<Kind extends TraceEvent['kind']>(events: readonly TraceEvent[], kind: Kind): readonly Of<Kind>[] {
  return events.filter((event): event is Of<Kind> => event.kind === kind);
}

/** Of each kind of fault that lasts or ends in its own way. */
const MANY_KINDS = {
  seconds: 10,
  clients: 2,
  faults: ['crash', 'partition', 'pause', 'clog', 'client-crash'],
} as const;
const STATES = ['paused', 'resumed', 'ended', 'cut', 'clogged', 'open'].map((state) => `"state":"${state}"`);

describe('a trace', () => {
  let events: readonly TraceEvent[] = [];
  let text = '';
  let options: SimulationOptions = { seed: 0 };
  before(async () => {
    ({ events, text, options } = await runWith(MANY_KINDS, [...STATES, 'c1-2', '"fault-over"']));
  });

  it('has nothing but what its format allows', () => {
    for (const event of events) expect(parseLine(JSON.stringify(event))).to.deep.equal(event);
  });

  it('is, to the last byte, the same for the same seed; and whoever listens changes nothing', async () => {
    expect(await traceOf(options)).to.equal(text);
    const { digest } = await simulate(options);
    expect(text).to.include(`"violations":0,"halted":"","digest":"${digest}"`);
  });

  it('tells of every link that is cut or clogged when it is open again, and of everyone who stands still when he goes on', () => {
    const links = new Set<string>();
    const paused = new Set<string>();
    for (const event of events) {
      if (event.kind === 'link' && event.state === 'open') {
        expect(links.delete(`${event.from} ${event.to}`), 'it was not open').to.equal(true);
      } else if (event.kind === 'link') links.add(`${event.from} ${event.to}`);
      if (event.kind !== 'process') continue;
      if (event.state === 'resumed') expect(paused.delete(event.name), 'it stood still').to.equal(true);
      else if (event.state === 'paused') paused.add(event.name);
      else paused.delete(event.name);
    }
    expect(ofKind(events, 'link').map(({ state }) => state)).to.include.members(['cut', 'clogged', 'open']);
    expect(ofKind(events, 'process').map(({ state }) => state)).to.include.members(['paused', 'resumed', 'ended']);
    expect([...links, ...paused]).to.deep.equal([]);
  });

  it('numbers the faults, names whom they strike, and tells when those that last are over', () => {
    const faults = ofKind(events, 'fault');
    const known = new Set(events.flatMap((event) => (event.kind === 'process' ? [event.name] : [])));
    expect(faults.map(({ strike }) => strike)).to.deep.equal(faults.map((_, at) => at + 1));
    for (const { who } of faults) expect([...known]).to.include.members([...who]);
    const over = ofKind(events, 'fault-over').map(({ strike }) => faults[strike - 1]?.fault);
    expect(['partition', 'clog']).to.include.members(over);
  });

  it('tells which clients live', () => {
    const clients = ofKind(events, 'process').filter(({ name }) => name.startsWith('c1'));
    expect(clients.slice(0, 3)).to.deep.include.members([
      { at: 0, kind: 'process', name: 'c1', state: 'started' },
      { ...clients[1], name: 'c1', state: 'ended' },
      { ...clients[2], name: 'c1-2', state: 'started' },
    ]);
  });

  it('has a violation at the moment and place where it was found', () => {
    const lines = readFileSync(STALE_READ, 'utf8').trimEnd().split('\n').map(parseLine);
    const [violation] = ofKind(lines, 'violation');
    expect(violation).to.deep.include({ where: 'b', rules: 'L1, L2, L3' });
    const before = lines[lines.indexOf(violation as TraceEvent) - 1];
    expect(before).to.include({ kind: 'received', to: 'b', at: violation?.at });
    expect(lines.at(-1)).to.include({ kind: 'end', violations: 1 });
  });

  it('is described, kind by kind and field by field, in docs/TRACE.md', () => {
    for (const [kind, fields] of Object.entries(fieldsOfKinds())) {
      const row = DOCUMENT.split('\n').find((line) => line.startsWith(`| \`${kind}\``));
      expect(row, `a row for ${kind}`).not.to.equal(undefined);
      const common = ['message', 'call', 'from', 'to', 'method'];
      const isMessage = ['sent', 'received', 'held', 'lost'].includes(kind);
      for (const field of fields.filter((name) => !isMessage || !common.includes(name))) {
        expect(row, `${field} of ${kind}`).to.include(`\`${field}\``);
      }
    }
  });
});
