/** Group commit: one write at a time, and everything that comes meanwhile in the next. */
import type { Change } from '@understudy/rpc';
import { expect } from 'chai';
import type { Persist } from '../../../packages/kvservice/src/core/persist.ts';
import { GroupCommit } from '../../../packages/kvservice/src/store/group-commit.ts';
import { Recorder } from '../../../packages/kvservice/src/store/recorder.ts';
import { HeldStore, passed } from './held-store.ts';

/** A write of one cell. */
function cell(number: number, key: string, value = 'v'): Persist {
  return {
    kind: 'persist',
    number,
    data: { generation: 0, checkpoint: 0, cells: [[key, { value, revision: number }]], sessions: [] },
  };
}

const keysOf = (changes: readonly Change[] | undefined) => changes?.map(({ kind, key }) => `${kind} ${key}`);

describe('group commit', () => {
  let store: HeldStore;
  let told: string[];
  let commits: GroupCommit;
  let turnEnds: (() => void)[];
  const turnEnd = async () => {
    for (const callback of turnEnds.splice(0)) callback();
    await passed();
  };
  beforeEach(() => {
    turnEnds = [];
    store = new HeldStore();
    told = [];
    commits = new GroupCommit({
      store,
      recorder: new Recorder('a:1', []),
      clock: { endOfTurn: (callback) => void turnEnds.push(callback) },
      onDurable: (number) => told.push(`durable ${number}`),
      onFailure: (error) => told.push(`${error.name} ${error.message}`),
    });
  });

  it('writes at the end of the turn, and says that it is durable only when it is', async () => {
    commits.add(cell(1, 'k'));
    await passed();
    expect(store.underWay, 'before what the turn sends has left').to.equal(0);
    await turnEnd();
    expect([store.underWay, told]).to.deep.equal([1, []]);
    await store.succeed();
    expect([store.underWay, told]).to.deep.equal([0, ['durable 1']]);
  });

  it('what comes during a write shares the next one, in the order in which it came', async () => {
    commits.add(cell(1, 'a'));
    await turnEnd();
    for (const [at, key] of ['b', 'c', 'b'].entries()) commits.add(cell(at + 2, key));
    expect(store.writes.map(keysOf)).to.deep.equal([['put cell/0/a']]);
    await store.succeed();
    expect(keysOf(store.writes[1])).to.deep.equal(['put cell/0/b', 'put cell/0/c', 'put cell/0/b']);
    expect(told, 'nothing of what shares a write is durable before it').to.deep.equal(['durable 1']);
    commits.add(cell(5, 'd'));
    await store.succeed();
    await store.succeed();
    expect(told).to.deep.equal(['durable 1', 'durable 4', 'durable 5']);
    expect(store.writes).to.have.lengthOf(3);
  });

  it('goes on when it had nothing to do', async () => {
    for (const number of [1, 2]) {
      commits.add(cell(number, 'a'));
      await turnEnd();
      await store.succeed();
    }
    expect(told).to.deep.equal(['durable 1', 'durable 2']);
  });

  it('after a failure nothing is written any more, and it is told once (R9)', async () => {
    commits.add(cell(1, 'a'));
    await turnEnd();
    commits.add(cell(2, 'b'));
    await store.fail('no space left');
    commits.add(cell(3, 'c'));
    await turnEnd();
    expect(told).to.deep.equal(['STORE_FAILED no space left']);
    expect([store.writes.length, store.underWay]).to.deep.equal([1, 0]);
    await commits.drained();
  });

  it('is drained when the last write has ended, with all that joined meanwhile', async () => {
    commits.add(cell(1, 'a'));
    await turnEnd();
    commits.add(cell(2, 'b'));
    let isDrained = false;
    void commits.drained().then(() => {
      isDrained = true;
    });
    await store.succeed();
    expect(isDrained).to.equal(false);
    await store.succeed();
    expect([isDrained, told]).to.deep.equal([true, ['durable 1', 'durable 2']]);
  });

  it('has nothing to wait for where nothing was written', () => commits.drained());
});
