/** The run as the page sees it: its state at any moment, its messages, its lines, and how the moment moves. */
import { expect } from 'chai';
import fc from 'fast-check';
import { countUpTo, filtered } from '../../packages/dashboard/page/replay/model/filter.js';
import { Player } from '../../packages/dashboard/page/replay/model/player.js';
import { Run } from '../../packages/dashboard/page/replay/model/run.js';
import { sceneOf } from '../../packages/dashboard/page/replay/model/scene.js';
import { apply, copyOf, stateBefore } from '../../packages/dashboard/page/replay/model/state.js';
import type { Message, RunState, Start, TraceEvent } from '../../packages/dashboard/page/replay/model/trace.d.ts';
import { fitted, following, ticks, whole, zoomed } from '../../packages/dashboard/page/replay/model/window.js';
import { GROUPS, inWords } from '../../packages/dashboard/page/replay/model/words.js';
import { Folder, failover, STALE_READ, shippedFrom } from './support/runs.ts';

/** State after each event, by doing one after the other. */
function statesOf(events: readonly TraceEvent[]): readonly RunState[] {
  const state = stateBefore(events[0] as Start);
  return events.map((event) => {
    apply(state, event);
    return copyOf(state);
  });
}

describe('a run that is played', () => {
  const folder = new Folder();
  let run: Run;
  let stale: Run;
  let states: readonly RunState[] = [];
  before(async () => {
    run = new Run(await shippedFrom(folder.file('failover.jsonl', (await failover()).text)));
    stale = new Run(await shippedFrom(STALE_READ));
    states = statesOf(run.events);
  });
  after(() => folder[Symbol.dispose]());

  const placeOf = (fits: (event: TraceEvent) => boolean, of = run) => of.events.findIndex(fits);

  it('has the same state at a moment however it got there', () => {
    const place = fc.nat({ max: run.events.length - 1 });
    const steps = fc.array(fc.oneof(place, fc.constantFrom(-1, -2, -3)), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(steps, (places) => {
        let now = 0;
        for (const each of places) {
          // Small steps from where it is, too: they go on from the state at hand.
          now = each >= 0 ? each : Math.min(run.events.length - 1, now - each);
          expect(run.timeline.stateAfter(now)).to.deep.equal(states[now]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('gets to any moment of 30,000 events within a frame', () => {
    const last = run.events.at(-1) as TraceEvent;
    const body = run.events.slice(0, -1);
    const times = Math.ceil(30_000 / body.length);
    const long = Array.from({ length: times }, (_, lap) =>
      body.slice(lap === 0 ? 0 : 1).map((event) => ({ ...event, at: event.at + lap * last.at })),
    ).flat();
    const { timeline } = new Run(long);
    const took: number[] = [];
    for (let at = 0; at < 200; at++) {
      const began = performance.now();
      timeline.stateAfter((at * 7_919) % long.length);
      took.push(performance.now() - began);
    }
    took.sort((one, other) => one - other);
    expect(took[190], '95 of 100 times').to.be.below(20);
  });

  it('finds the event at a moment', () => {
    for (const at of [0, 1, 20.5, 333.3, run.endAt / 2, run.endAt - 0.001, run.endAt, run.endAt + 1]) {
      const place = run.timeline.placeAt(at);
      expect(run.events[place]?.at).to.be.at.most(at);
      expect(run.events[place + 1]?.at ?? Number.POSITIVE_INFINITY).to.be.above(at);
    }
  });

  it('shows the failover: who is primary of which view, and that the old one is down', () => {
    const place = placeOf(
      (event) => event.kind === 'view' && event.causes.some(({ kind }) => kind === 'primary-silent'),
    );
    const former = states[place - 1]?.view?.primary.replace(':1', '') ?? '';
    const next = states[place]?.view?.primary.replace(':1', '') ?? '';
    const later = placeOf((event) => event.kind === 'role' && event.server === next && event.role === 'primary');
    expect(states[place]?.processes[former]?.role).to.equal(
      states[place]?.processes[former]?.isUp ? 'primary' : 'idle',
    );
    expect(run.timeline.stateAfter(later).processes[next]).to.include({ role: 'primary', isUp: true });
    expect(next).not.to.equal(former);
  });

  it('knows of a process that starts anew nothing of its former life', () => {
    const ended = placeOf((event) => event.kind === 'process' && event.state === 'ended');
    const { name } = run.events[ended] as { name: string };
    expect(states[ended - 1]?.processes[name]).to.include({ isUp: true });
    expect(states[ended]?.processes[name]).to.include({
      isUp: false,
      role: 'idle',
      viewnum: 0,
      commit: 0,
      isPaused: false,
    });
    const again = placeOf(
      (event) => event.kind === 'process' && event.name === name && event.at > (run.events[ended]?.at ?? 0),
    );
    expect(states[again]?.processes[name]).to.include({ isUp: true, commit: 0, lives: 2 });
  });

  it('pairs every message with what became of it', () => {
    const sent = run.events.filter(({ kind }) => kind === 'sent').length;
    const met = run.events.filter(({ kind }) => kind === 'received' || kind === 'lost').length;
    expect(run.messages.all.filter(({ isCopy }) => !isCopy)).to.have.lengthOf(sent);
    expect(run.messages.all.filter(({ ended }) => ended !== -1)).to.have.lengthOf(met);
    expect(run.messages.all.filter(({ isLost }) => isLost)).not.to.have.lengthOf(0);
    for (const { sent: place, ended, sentAt, endAt, call } of run.messages.all) {
      expect(endAt).to.be.at.least(sentAt);
      if (ended === -1) continue;
      expect(run.events[place]).to.include({ kind: 'sent', call, at: sentAt });
      expect(run.events[ended]).to.include({ call, at: endAt });
    }
  });

  it('takes what is delivered twice for a copy, and keeps what is held on its way', () => {
    const of = { message: 'request', call: 1, from: 'a', to: 'm', method: 'x' } as const;
    const { messages } = new Run([
      stale.start,
      { at: 1, kind: 'sent', ...of, size: 3, brief: '' },
      { at: 2, kind: 'held', ...of, reason: 'clogged' },
      { at: 5, kind: 'received', ...of, reason: '' },
      { at: 9, kind: 'received', ...of, reason: '' },
    ]);
    expect(messages.all.map(({ sentAt, endAt, isCopy }) => [sentAt, endAt, isCopy])).to.deep.equal([
      [1, 5, false],
      [1, 9, true],
    ]);
    expect(messages.byEvent.get(2)).to.equal(messages.all[0]);
  });

  it('finds the messages of any stretch of time', () => {
    const moment = fc.double({ min: 0, max: run.endAt, noNaN: true });
    fc.assert(
      fc.property(moment, fc.double({ min: 0, max: 50, noNaN: true }), (from, length) => {
        const wanted = run.messages.all.filter(({ sentAt, endAt }) => sentAt <= from + length && endAt >= from);
        expect(run.messages.between(from, from + length)).to.deep.equal(wanted);
      }),
      { numRuns: 50 },
    );
  });

  it('draws a line for everybody, whole from the beginning to the end', () => {
    expect(run.lanes.slice(0, 6).map(({ name }) => name)).to.deep.equal(['m', 'a', 'b', 'c', 'c1', 'c2']);
    for (const { stretches } of run.lanes) {
      expect(stretches[0]?.from).to.equal(0);
      expect(stretches.at(-1)?.to).to.equal(run.endAt);
      for (const [at, { to }] of stretches.slice(0, -1).entries()) expect(stretches[at + 1]?.from).to.equal(to);
    }
    const cuts = run.lanes.flatMap((lane) => lane.cuts);
    expect(cuts.length).to.be.above(0);
    for (const { from, to, others } of cuts) {
      expect(to).to.be.above(from);
      expect(others.length).to.be.above(0);
    }
    expect(run.lanes.flatMap(({ ends }) => ends)).not.to.have.lengthOf(0);
  });

  it('shows a message where it is at that moment', () => {
    const message = run.messages.all.find(({ isLost, endAt, sentAt }) => !isLost && endAt - sentAt > 0.2) as Message;
    const middle = (message.sentAt + message.endAt) / 2;
    const moment = { at: middle, stretchMs: 0, current: undefined };
    const scene = sceneOf(run.timeline.stateAfter(run.timeline.placeAt(middle)), [message], moment);
    expect(scene.flights?.[0]?.progress).to.be.closeTo(0.5, 0.01);
    expect(sceneOf(states[0] as RunState, [message], { ...moment, at: message.endAt }).flights).to.deep.equal([]);
    const stretched = sceneOf(states[0] as RunState, [message], { ...moment, at: message.endAt, stretchMs: 10 });
    expect(stretched.flights?.[0]?.progress).to.be.within(0.01, 0.2);
  });

  it('shows that a message is lost when it is, not before', () => {
    const sent = run.messages.all[0] as Message;
    const lost = { ...sent, isLost: true, sentAt: 10, endAt: 30 };
    const progressAt = (at: number, stretchMs: number) =>
      sceneOf(states[0] as RunState, [lost], { at, stretchMs, current: undefined }).flights?.[0]?.progress;
    expect([9, 10, 20, 29.9].map((at) => progressAt(at, 0) ?? -1).every((share) => share < 0.55)).to.equal(true);
    expect(progressAt(30, 0)).to.equal(undefined);
    expect(progressAt(31, 10)).to.be.within(0.55, 1);
    expect(progressAt(35, 10)).to.equal(undefined);
    const atOnce = { ...lost, endAt: 10 };
    const scene = sceneOf(states[0] as RunState, [atOnce], { at: 17, stretchMs: 10, current: undefined });
    expect(scene.flights?.[0]?.progress).to.be.within(0.55, 1);
  });

  it('shows both primaries at the violation, and what is cut', () => {
    const place = placeOf(({ kind }) => kind === 'violation', stale);
    const state = stale.timeline.stateAfter(place);
    expect(state.violations).to.have.lengthOf(1);
    const scene = sceneOf(state, [], { at: state.at, stretchMs: 0, current: undefined });
    const primaries = scene.nodes.filter(({ role }) => role === 'primary').map(({ id }) => id);
    expect(primaries).to.deep.equal(['a', 'b']);
    expect(scene.links.filter(({ kind }) => kind === 'replication').map(({ from, to }) => from + to)).to.deep.equal([
      'ac',
    ]);
    expect(scene.links.filter(({ kind }) => kind === 'cut').map(({ from, to }) => from + to)).to.deep.equal([
      'bm',
      'ab',
      'bc',
    ]);
    expect(scene.words).to.match(
      /^a primary of view 3, .*; b primary of view 2, .*; c backup of view 3, .*; 6 links cut or clogged$/,
    );
  });

  it('says every event in words', () => {
    for (const event of [...run.events, ...stale.events]) {
      expect(inWords(event))
        .to.match(/^\S.*$/)
        .and.not.match(/undefined|\[object|NaN/);
    }
  });
});

describe('the moment', () => {
  let run: Run;
  before(async () => {
    run = new Run(await shippedFrom(STALE_READ));
  });

  it('steps by event, message and view, forward and back to where it was', () => {
    for (const step of ['event', 'message', 'view'] as const) {
      const player = new Player(run.timeline);
      const places = [];
      while (player.step(step, 1)) places.push(player.place);
      const back = [];
      while (player.step(step, -1)) back.push(player.place);
      expect(places.length).to.equal(
        {
          event: run.events.length - 1,
          view: 3,
          message: run.events.filter(({ kind }) => /sent|received|lost/.test(kind)).length,
        }[step],
      );
      expect(back.reverse()).to.deep.equal(step === 'event' ? [0, ...places.slice(0, -1)] : places.slice(0, -1));
    }
  });

  it('moves with real time, at its speed, to the end and not beyond; and from there begins anew', () => {
    const player = new Player(run.timeline);
    player.pass(100);
    expect(player.at).to.equal(0);
    player.play();
    player.speed = 0.1;
    player.pass(1_000);
    expect(player.at).to.equal(100);
    player.speed = 100;
    player.pass(1_000);
    expect(player).to.include({ at: run.endAt, isPlaying: false, isAtEnd: true });
    player.play();
    expect(player).to.include({ at: 0, isPlaying: true });
  });

  it('gets through at once, but not unseen, as fast as it goes', () => {
    const player = new Player(run.timeline);
    player.speed = Number.POSITIVE_INFINITY;
    player.play();
    let frames = 0;
    for (; player.isPlaying; frames++) player.pass(16);
    expect(frames).to.be.within(200, 300);
  });
});

describe('the list of events', () => {
  let run: Run;
  before(async () => {
    run = new Run(await shippedFrom(STALE_READ));
  });
  const found = (text: string, groups = GROUPS) =>
    filtered(run.events, new Set(groups), text).map((place) => inWords(run.events[place] as TraceEvent));

  it('shows what the filter asks for', () => {
    expect(found('')).to.have.lengthOf(run.events.length);
    expect(found('', ['view']).filter((words) => words.startsWith('view'))).to.have.length.above(2);
    expect(
      new Set(found('ping A -> m', ['message']).map((words) => words.replace(/:.*| arr.*| lost.*/, ''))),
    ).to.deep.equal(new Set(['ping a → m']));
    expect(found('no such thing')).to.deep.equal([]);
  });

  it('knows how many of them have happened', () => {
    expect([-1, 2, 3, 4, 9, 99].map((place) => countUpTo([3, 4, 9], place))).to.deep.equal([0, 0, 1, 2, 3, 3]);
  });
});

describe('the stretch of time that is drawn', () => {
  const within = fc.record({
    from: fc.double({ min: 0, max: 900, noNaN: true }),
    length: fc.double({ min: 1, max: 1_000, noNaN: true }),
  });

  it('stays near the run, whatever is done to it', () => {
    fc.assert(
      fc.property(
        within,
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        fc.double({ min: 0, max: 1_000, noNaN: true }),
        (it, factor, at) => {
          const window = { from: it.from, to: it.from + it.length };
          for (const { from, to } of [
            fitted(window, 1_000),
            zoomed(window, factor, at, 1_000),
            following(window, at, 1_000),
            whole(1_000),
          ]) {
            expect(to - from).to.be.above(0);
            expect(from).to.be.at.least(-0.05 * (to - from));
            expect(to).to.be.at.most(1_000 + 0.05 * (to - from) + 1e-6);
          }
        },
      ),
    );
  });

  it('keeps under the pointer what is there, when zooming', () => {
    const { from, to } = zoomed({ from: 100, to: 300 }, 0.5, 250, 1_000);
    expect([from, to]).to.deep.equal([175, 275]);
  });

  it('always has the moment in it, when following', () => {
    fc.assert(
      fc.property(within, fc.double({ min: 0, max: 1_000, noNaN: true }), ({ from, length }, at) => {
        const window = following({ from, to: from + length }, at, 1_000);
        expect(at).to.be.within(window.from - 1e-6, window.to + 1e-6);
      }),
    );
  });

  it('has round ticks', () => {
    expect(ticks({ from: 0.2, to: 1.1 }, 5).at.map((at) => at.toFixed(1))).to.deep.equal([
      '0.2',
      '0.4',
      '0.6',
      '0.8',
      '1.0',
    ]);
    expect(ticks({ from: -2, to: 60_000 }, 7)).to.deep.equal({
      step: 10_000,
      at: [0, 1, 2, 3, 4, 5, 6].map((it) => it * 10_000),
    });
  });
});
