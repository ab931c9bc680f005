/** The hub of a feed, in virtual time: who is told what, when, and how often; and that nobody costs nothing. */
import { Hub, type Reading } from '@understudy/dashboard';
import type { PageAnswer, PageRequest } from '@understudy/rpc';
import { type PageReading, SimulatedWorld } from '@understudy/testkit';
import { expect } from 'chai';
import { brought, eventsIn } from './events.ts';

const LOAD = { rate: 0, done: 0, failed: 0, underWay: 0 };

async function stage() {
  const world = new SimulatedWorld({ seed: 1 });
  const process = world.process('s');
  const { clock, transport } = process.world;
  let mark = 'a';
  let readings = 0;
  const read = async (): Promise<Reading> => {
    readings += 1;
    return { sample: { kind: 'control', nodes: [], load: LOAD }, mark };
  };
  const self = ({ headers }: PageRequest) => {
    const times = { pingIntervalMs: 100, deadPings: 5 };
    return { node: headers.host ?? 's:1', kind: 'control' as const, monitors: [], nodes: [], ...times };
  };
  const hub = new Hub({ clock, read, self });
  const answers: PageAnswer[] = [];
  const events = (request: PageRequest): PageAnswer => {
    const answer = hub.answer(request);
    answers.push(answer);
    return answer;
  };
  await transport.listen({ address: 's:1', methods: {}, pages: { '/events': events } });
  const look = async (): Promise<PageReading> => {
    const reading = await world.network.read('s:1', '/events');
    if (reading === undefined) throw new Error('there is no feed');
    await world.runFor(0);
    return reading;
  };
  return {
    world,
    process,
    hub,
    answers,
    look,
    change: (to: string) => {
      mark = to;
    },
    readings: () => readings,
    say: (text: string) => hub.notice({ kind: 'said' }, { level: 'info', text }),
  };
}

const texts = (reading: PageReading): readonly string[] => brought(reading.text, 'notice').map(({ text }) => text);
const samples = (reading: PageReading): number => brought(reading.text, 'sample').length;

describe('the hub of a feed', () => {
  it('says hello first, with what was before, and how it stands next', async () => {
    const { world, look, say, answers } = await stage();
    say('one');
    await world.runFor(1_000);
    say('two');
    const reading = await look();
    expect(eventsIn(reading.text).map(({ kind }) => kind)).to.deep.equal(['hello', 'sample']);
    const [hello] = brought(reading.text, 'hello');
    expect(hello?.history.map(({ seq, text, level }) => [seq, text, level])).to.deep.equal([
      [1, 'one', 'info'],
      [2, 'two', 'info'],
    ]);
    const [first, second] = hello?.history ?? [];
    expect([(second?.at ?? 0) - (first?.at ?? 0), (hello?.now ?? 0) - (hello?.since ?? 0)]).to.deep.equal([
      1_000, 1_000,
    ]);
    expect(reading.text.startsWith('retry: ')).to.equal(true);
    expect(answers[0]?.headers?.['Content-Type']).to.equal('text/event-stream; charset=utf-8');
  });

  it('remembers the last 200 notices', async () => {
    const { look, say } = await stage();
    for (let number = 1; number <= 250; number++) say(String(number));
    const [hello] = brought((await look()).text, 'hello');
    expect(hello?.history.map(({ text }) => Number(text))).to.deep.equal(
      Array.from({ length: 200 }, (_, at) => at + 51),
    );
  });

  it('tells notices at once, to all, and then how it stands', async () => {
    const { world, look, say } = await stage();
    const [one, other] = [await look(), await look()];
    await world.runFor(600);
    const before = samples(one);
    say('news');
    expect([texts(one), texts(other)]).to.deep.equal([['news'], ['news']]);
    await world.runFor(0);
    expect(samples(one)).to.equal(before + 1);
  });

  it('tells how it stands once a second at rest, four times a second where that changes, and no more often for any number of notices', async () => {
    const { world, look, change, say } = await stage();
    const reading = await look();
    await world.runFor(250); // the first that goes to all
    const from = samples(reading);
    await world.runFor(10_000);
    expect(samples(reading) - from).to.be.within(9, 10);
    for (let at = 0; at < 1_000; at++) {
      change(String(at));
      await world.runFor(10);
    }
    expect(samples(reading) - from).to.be.within(47, 50);
    for (let at = 0; at < 1_000; at++) {
      say(String(at));
      await world.runFor(10);
    }
    expect(samples(reading) - from).to.be.within(85, 90);
    expect(texts(reading)).to.have.length(1_000);
  });

  it('does nothing while nobody looks: no timer, no reading', async () => {
    const { world, process, look, say, readings } = await stage();
    say('to nobody');
    await world.runFor(10_000);
    expect([readings(), process.leftovers.timers]).to.deep.equal([0, 0]);
    const [one, other] = [await look(), await look()];
    one.leave();
    await world.runFor(1_000);
    expect(process.leftovers.timers).to.equal(1);
    const before = readings();
    other.leave();
    say('to nobody again');
    await world.runFor(10_000);
    expect([readings(), process.leftovers.timers]).to.deep.equal([before, 0]);
  });

  it('tells a slow one no samples, and one that stays slow nothing at all', async () => {
    const { world, hub, look, say, change } = await stage();
    const [slow, quick] = [await look(), await look()];
    slow.isSlow = true;
    say('x'.repeat(65_536));
    const before = samples(slow);
    for (let at = 0; at < 20; at++) {
      change(String(at));
      await world.runFor(250);
    }
    say('he hears this');
    expect([samples(slow), texts(slow).at(-1)]).to.deep.equal([before, 'he hears this']);
    slow.isSlow = false;
    await world.runFor(2_000);
    expect(samples(slow)).to.be.greaterThan(before);
    slow.isSlow = true;
    say('x'.repeat(65_536));
    await world.runFor(15_000);
    expect([slow.isOver, quick.isOver, hub.viewers]).to.deep.equal([true, false, 1]);
  });

  it('gives one up who lets notices pile up', async () => {
    const { world, process, hub, look, say } = await stage();
    const [slow, quick] = [await look(), await look()];
    slow.isSlow = true;
    for (let count = 0; count < 20; count++) say('x'.repeat(65_536));
    expect([slow.isOver, quick.isOver, hub.viewers]).to.deep.equal([true, false, 1]);
    expect(slow.text.length).to.be.lessThan(11 * 65_536);
    expect(texts(quick)).to.have.length(20);
    quick.isSlow = true;
    for (let count = 0; count < 8; count++) say('x'.repeat(65_536));
    await world.runFor(600);
    expect(hub.viewers).to.equal(1);
    say('too much');
    expect([hub.viewers, process.leftovers.timers], 'the last to be given up leaves nothing behind').to.deep.equal([
      0, 0,
    ]);
  });

  it('takes a hundred, and no more', async () => {
    const { world, hub, look } = await stage();
    const readings: PageReading[] = [];
    for (let count = 0; count < 100; count++) readings.push(await look());
    expect(await world.network.page('s:1', '/events')).to.include({ status: 503 });
    readings[0]?.leave();
    await look();
    expect(hub.viewers).to.equal(100);
  });

  it('ends every stream when it is closed, and takes no more', async () => {
    const { world, process, hub, look } = await stage();
    const reading = await look();
    hub.close();
    expect([reading.isOver, process.leftovers.timers]).to.deep.equal([true, 0]);
    expect(await world.network.page('s:1', '/events')).to.include({ status: 503 });
  });
});
