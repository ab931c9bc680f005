/**
 * Which session makes room where the table is full (S5): of the address that has the most, idle for long, and with
 * nothing under way.
 */
import { expect } from 'chai';
import { HeardSessions } from '../../../packages/kvservice/src/core/heard-sessions.ts';

describe('HeardSessions', () => {
  let heard: HeardSessions;
  beforeEach(() => {
    heard = new HeardSessions();
    for (const session of ['g1', 'g2', 'g3']) heard.hear(session, 'greedy', 0);
    heard.hear('o1', 'other', 0);
  });

  it('takes no session while an operation of it is in the log and not committed, however long it is idle', () => {
    for (const session of ['g1', 'g2', 'g3']) heard.noteEntry(session, 9);
    expect(heard.takeIdle(undefined, 1e9, 8)).to.equal(undefined);
    heard.noteEntry('g2', 7);
    expect(heard.takeIdle(undefined, 1e9, 8)).to.equal('g2');
    expect(heard.takeIdle(undefined, 1e9, 8)).to.equal(undefined);
    expect(heard.takeIdle(undefined, 1e9, 9)).to.equal('g3');
  });

  it('takes one of the address that has the most, or of the address that asks', () => {
    expect(heard.takeIdle('other', 1, 0)).to.equal('o1');
    expect(heard.takeIdle('other', 1, 0)).to.equal(undefined);
    expect(heard.takeIdle(undefined, 1, 0)).to.equal('g1');
    expect(heard.countOf('greedy')).to.equal(2);
    expect(heard.has('g1')).to.equal(false);
  });

  it('takes none that was heard of since, and first the one that was idle for longest', () => {
    heard.hear('g1', 'greedy', 10);
    heard.hear('g2', 'greedy', 20);
    expect(heard.takeIdle(undefined, 10, 0)).to.equal('g3');
    expect(heard.takeIdle(undefined, 10, 0)).to.equal(undefined);
    expect(heard.takeIdle(undefined, 11, 0)).to.equal('g1');
    expect(heard.takeIdle(undefined, 21, 0)).to.equal('g2');
  });

  it('takes none whose end is in the log, also where an operation still comes in it, until it has ended', () => {
    heard.noteEnding('o1');
    heard.hear('o1', 'other', 50);
    heard.adopt(['o1'], 0);
    expect(heard.has('o1')).to.equal(false);
    expect(heard.isEnding('o1')).to.equal(true);
    expect(heard.takeIdle('other', 1e9, 0)).to.equal(undefined);
    expect(heard.takeIdle(undefined, 1e9, 0)).to.equal('g1');
    expect(heard.isEnding('g1'), 'it is ended now').to.equal(true);
    heard.noteEnded('g1');
    expect(heard.isEnding('g1')).to.equal(false);
  });

  it('counts the sessions of a former primary as of one address', () => {
    heard.adopt(['f1', 'f2', 'f3', 'f4', 'g1'], 0);
    expect(heard.countOf('')).to.equal(4);
    expect(heard.takeIdle(undefined, 1, 0)).to.equal('f1');
  });
});
