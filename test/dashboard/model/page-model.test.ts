/** What the page makes of what nodes tell it: verdicts, conditions, rings, rates, the timeline, and moments of the past. */
import { expect } from 'chai';
import { BUCKET_MS, KEPT_MS } from '../../../packages/dashboard/page/model/rates.js';
import { monitorSample, notice, serverSample, viewNotice } from '../support/telling.ts';
import { AFTER, ALONE, CAST, helloOf, MONITOR, ONE, PAIR, Told, TWO } from './told.ts';

describe('the model of the page', () => {
  it('knows who is who', () => {
    const told = new Told();
    expect(told.member(ONE)).to.deep.include({ role: 'primary', condition: 'live', ring: 1 });
    expect(told.member(TWO)).to.deep.include({ role: 'backup', condition: 'live', lag: 2 });
    expect(told.cluster).to.deep.include({ acknowledged: true, ageMs: 0 });
    expect(told.verdict.headline).to.equal('All is well: 2 servers hold everything.');
  });

  it('lets a ring drain from the moment at which a stream broke, until the monitor gives the server up', () => {
    const told = new Told();
    told.model.lost(ONE, told.now);
    told.now += 99;
    expect(told.member(ONE)).to.deep.include({ condition: 'live', ring: 1 });
    told.now += 201;
    expect(told.member(ONE)).to.deep.include({ condition: 'suspect', ring: 0.5, lastPingMs: 300 });
    expect(told.verdict.headline).to.equal(`The primary, ${ONE}, is silent for 300 ms.`);
    told.now += 200;
    expect(told.member(ONE)).to.deep.include({ condition: 'dead', ring: 0 });
  });

  it('believes the monitor where only the stream to the page broke', () => {
    const told = new Told();
    told.model.lost(ONE, told.now);
    told.now += 400;
    told.sample(MONITOR, monitorSample(CAST, told.now, { view: PAIR }));
    expect(told.member(ONE)).to.deep.include({ condition: 'live', ring: 1, isStale: true });
  });

  it('shows a failover when the monitor tells of it, before any sample', () => {
    const told = new Told();
    told.model.lost(ONE, told.now);
    told.now += 505;
    const silent = { kind: 'server', server: ONE, role: 'primary', condition: 'silent' } as const;
    told.monitorSays(notice(3, told.now, 'warn', silent, 'silent'));
    told.monitorSays(viewNotice(4, told.now, AFTER, [{ kind: 'primary-silent', server: ONE, forMs: 505 }]));
    expect(told.member(TWO)).to.deep.include({ role: 'primary', condition: 'live' });
    expect(told.member(ONE)).to.deep.include({ role: 'idle', condition: 'dead' });
    expect(told.model.timeline.entries.at(-1)).to.deep.include({
      viewnum: 3,
      isFailover: true,
      acknowledgedAt: undefined,
    });
    told.model.notice(TWO, notice(1, told.now, 'info', { kind: 'view', view: AFTER, role: 'primary' }, ''), told.now);
    expect(told.verdict.headline).to.equal(`${TWO} is taking over.`);
    told.model.notice(TWO, notice(2, told.now, 'info', { kind: 'serving', viewnum: 3 }, ''), told.now);
    expect(told.verdict.headline).to.equal('No backup: one more failure loses data.');
  });

  it('says that memory is full: of the primary, or of a backup that holds the data', () => {
    const told = new Told();
    const telling = { view: PAIR, keys: 5, index: 7, done: 0 };
    told.sample(ONE, serverSample(CAST, 0, told.now, { ...telling, fullBackups: [TWO] }));
    expect(told.verdict.headline).to.equal('Memory is full: writes that add data are refused.');
    expect(told.verdict.more).to.match(new RegExp(`^${TWO} holds nearly`));
    told.sample(ONE, serverSample(CAST, 0, told.now, { ...telling, held: 2 ** 30, fullBackups: [TWO] }));
    expect(told.verdict.more).to.match(new RegExp(`^${ONE} and ${TWO} hold nearly`));
    // It holds nothing that the service needs yet.
    told.sample(
      ONE,
      serverSample(CAST, 0, told.now, { ...telling, view: { ...PAIR, syncing: [TWO] }, fullBackups: [TWO] }),
    );
    expect(told.verdict.level).not.to.equal(undefined);
    expect(told.verdict.headline).not.to.contain('full');
    told.serverSamples(0);
    expect(told.verdict.headline).to.equal('All is well: 2 servers hold everything.');
  });

  it('says what it means that the monitor is gone, and that everybody is', () => {
    const told = new Told();
    told.model.lost(MONITOR, told.now);
    expect(told.verdict).to.deep.include({ level: 'warn', headline: 'All goes on, but no monitor answers.' });
    expect(told.member(ONE)).to.deep.include({ condition: 'live', ring: undefined });
    told.model.lost(ONE, told.now);
    expect(told.verdict).to.deep.include({ level: 'bad', headline: 'No monitor answers, and no primary serves.' });
    told.model.lost(TWO, told.now);
    told.now += 4_000;
    expect(told.verdict).to.deep.include({ level: 'bad', headline: 'Nobody answers.' });
    expect(told.verdict.more).to.contain('4.0 s old');
  });

  it('notices a node that hangs, though its connection stands', () => {
    const told = new Told();
    told.now += 3_000;
    told.sample(MONITOR, monitorSample(CAST, told.now, { view: PAIR, silent: { [ONE]: 3_000 }, dead: [ONE] }));
    expect(told.member(ONE)).to.deep.include({ condition: 'dead', isStale: true, isHeard: false });
  });

  it('counts operations in the time in which they were done, over all servers, with a gap while nobody served', () => {
    const told = new Told();
    told.pass(10, 20_000);
    const { operations } = told.model.rates;
    expect(operations.over(told.now - 5_000, told.now).mean).to.equal(20_000);
    const diedAt = told.now;
    told.now += 500;
    told.sample(TWO, serverSample(CAST, 1, told.now, { view: AFTER, keys: 5, index: 7, done: 0 }));
    expect(operations.over(diedAt, told.now).mean).to.equal(0);
    expect(operations.over(told.now, told.now + 1_000).mean).to.be.NaN;
  });

  it('does not take the counters of a new run for those of the one before', () => {
    const told = new Told();
    told.pass(2, 1_000);
    told.model.hello(ONE, { ...helloOf(ONE, 'server', told.now), since: 11_900 }, told.now);
    told.now += 1_000;
    told.serverSamples(50_000);
    expect(told.model.rates.operations.at(told.now - BUCKET_MS)).to.equal(0);
  });

  it('remembers half an hour, and not more', () => {
    const told = new Told();
    told.pass(40 * 60, 100);
    const { rates, since } = told.model;
    expect(rates.operations.at(told.now - KEPT_MS + 1_000)).to.equal(100);
    expect(rates.operations.at(told.now - KEPT_MS - 1_000)).to.be.NaN;
    expect(told.now - (since ?? 0)).to.be.below(KEPT_MS * 2);
  });

  it('shows a moment of the past as it was, also one before it listened', () => {
    const told = new Told();
    told.model.hello(
      MONITOR,
      {
        ...helloOf(MONITOR, 'monitor', told.now),
        history: [viewNotice(7, 2_000, ALONE, [{ kind: 'first-server', server: ONE }])],
      },
      told.now,
    );
    told.pass(5, 10);
    const then = told.now;
    told.now += 1_000;
    told.monitorSays(viewNotice(8, told.now, AFTER, [{ kind: 'primary-silent', server: ONE, forMs: 505 }]));
    const past = told.model.clusterAt(told.now, then);
    expect(past.view).to.deep.equal(PAIR);
    expect(past.members[0]).to.deep.include({ node: ONE, role: 'primary', condition: 'live' });
    const before = told.model.clusterAt(told.now, 3_000);
    expect(before).to.deep.include({ isFromHistory: true, view: ALONE });
    expect(before.members.map(({ node, condition }) => [node, condition])).to.deep.equal([[ONE, 'unknown']]);
    expect(told.cluster.view).to.deep.equal(AFTER);
  });

  it('lists each notice once, in the order in which things happened, however often it is told', () => {
    const told = new Told();
    const early = notice(9, 8_000, 'info', { kind: 'monitor-answers' }, 'early');
    told.model.hello(ONE, { ...helloOf(ONE, 'server', told.now), history: [early] }, told.now);
    told.model.hello(ONE, { ...helloOf(ONE, 'server', told.now), history: [early] }, told.now);
    const events = told.model.events.latest({ until: Number.POSITIVE_INFINITY, most: 9, accepts: () => true });
    expect(events.map(({ at }) => at)).to.deep.equal([9_050, 9_000, 8_000]);
    for (let seq = 10; seq < 2_000; seq += 1)
      told.monitorSays(notice(seq, 10_000 + seq, 'info', { kind: 'paused', forMs: 1 }, ''));
    expect(told.model.events.length).to.equal(500);
  });

  it('converts the clock of a node that goes wrong', () => {
    const told = new Told();
    told.model.hello(ONE, helloOf(ONE, 'server', told.now + 60_000), told.now);
    told.sample(ONE, serverSample(CAST, 0, told.now + 60_000, { view: PAIR, keys: 5, index: 7, done: 0 }));
    expect(told.member(ONE)).to.deep.include({ ageMs: 0, isStale: false });
  });

  it('tells how long a transfer will take', () => {
    const told = new Told();
    const syncing = { ...PAIR, syncing: [TWO] };
    for (const sent of [0, 1_000, 2_000]) {
      told.now += 500;
      told.sample(MONITOR, monitorSample(CAST, told.now, { view: syncing, acknowledged: false }));
      told.sample(
        ONE,
        serverSample(CAST, 0, told.now, {
          view: syncing,
          keys: 9,
          index: 9,
          done: 0,
          transfer: { sent, total: 10_000 },
        }),
      );
    }
    expect(told.cluster.transfers).to.deep.equal([
      { from: ONE, to: TWO, sent: 2_000, total: 10_000, recordsPerSecond: 2_000, remainingMs: 4_000 },
    ]);
    expect(told.verdict.more).to.contain('20 % done, about 4.0 s left');
  });
});
