/** What a replica gives to its disk, what waits for it, and what a restart finds there (R9, R10, R12, L2). */
import { expect } from 'chai';
import { DEFAULT_LIMITS } from '../../../packages/kvservice/src/core/config.ts';
import type { Effect } from '../../../packages/kvservice/src/core/effect.ts';
import type { Entry } from '../../../packages/kvservice/src/core/operation.ts';
import { StateMachine } from '../../../packages/kvservice/src/core/state-machine.ts';
import { alone, DiskStage, dataOf, diskPair, logOf } from '../disk/disk-stage.ts';
import { senderOf, viewOf } from './stage.ts';

const write = (kind: 'put' | 'append', requester: string, key: string, value: string, seq?: number) => {
  const origin = seq === undefined ? undefined : { session: SESSION, seq, acked: 0 };
  return { kind: 'write', requester, operation: { kind, key, value }, origin } as const;
};
const put = (requester: string, key: string, value: string) => write('put', requester, key, value);
const get = (requester: string, key: string) => ({ kind: 'read', requester, query: { kind: 'get', key } }) as const;

/** Opened by the entry after the first one of view 1. */
const SESSION = 'cluster:1:2';
const openSession = { kind: 'write', requester: 'open', operation: { kind: 'openSession', client: 'c' } } as const;

/** What clients were told, as `requester: result`. */
function told(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => {
    if (effect.kind === 'leased') return [`${String(effect.read.requester)}: ${JSON.stringify(effect.result)}`];
    if (effect.kind === 'failure') return [`${String(effect.requester)}: ${effect.failure.name}`];
    if (effect.kind !== 'result' || typeof effect.requester !== 'string') return [];
    return [`${effect.requester}: ${JSON.stringify(effect.result)}`];
  });
}

function answers(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => (effect.kind === 'answer' ? [effect.answer.kind] : []));
}

const turnEnd = { kind: 'turn-end' } as const;

function cellsOf(machine: StateMachine | undefined): readonly unknown[] {
  return [...(machine?.cells.ascending() ?? [])];
}

/** A restarts, and has its seat again in the next view, alone (V11); until its old promises have run out. */
async function comeBackAlone(stage: DiskStage, run = 2): Promise<readonly Effect[]> {
  stage.pinged('A', viewOf(stage.replica('A').inspection.view.viewnum + 1, 'A', [], [], { A: run }));
  return [...(await stage.rest(['A'])), ...(await stage.pass(250, ['A']))];
}

describe('a replica with a disk', () => {
  describe('says nothing that is not on its disk', () => {
    it('the monitor is told of a run when its incarnation is there, and at once then (V11)', async () => {
      const stage = new DiskStage();
      await stage.boot('A', 1, { saved: false });
      const replica = stage.replica('A');
      expect(replica.report()).to.equal(undefined);
      stage.step('A', turnEnd);
      expect(replica.report()).to.equal(undefined);
      expect(await stage.save('A')).to.deep.include({ kind: 'ping' });
      expect(replica.report()?.incarnation).to.equal('A#1');
    });

    it('a run that takes a greater incarnation goes by the one before until the other is there', async () => {
      const stage = await alone();
      await stage.boot('A', 2);
      const replica = stage.replica('A');
      expect(replica.isStarting).to.equal(true);
      const effects = stage.step('A', { kind: 'outnumbered', incarnation: 'A#4' });
      expect(effects).not.to.deep.include({ kind: 'ping' });
      stage.step('A', turnEnd);
      expect(replica.report()?.incarnation).to.equal('A#2');
      expect(await stage.save('A')).to.deep.include({ kind: 'ping' });
      expect(replica.report()).to.include({ incarnation: 'A#4', viewnum: 1 });
      const { meta } = await stage.boot('A', 5);
      expect(meta?.incarnation, 'what the next run finds').to.equal('A#4');
    });

    it('a backup accepts entries when it has them on disk, not before (R9)', async () => {
      const stage = await diskPair();
      stage.step('A', put('p', 'k', 'v'));
      stage.step('A', turnEnd);
      expect(answers(stage.deliver(stage.take('A', 'B')))).to.deep.equal([]);
      expect(answers(stage.step('B', turnEnd))).to.deep.equal([]);
      expect(stage.unsaved('B')).to.have.lengthOf(1);
      expect(answers(await stage.save('B'))).to.deep.equal(['accepted']);
    });

    it('a heartbeat that brings nothing is accepted at once, behind nothing that waits', async () => {
      const stage = await diskPair();
      stage.now += 60;
      stage.step('A', { kind: 'tick' });
      expect(answers(stage.deliver(stage.take('A', 'B')))).to.deep.equal(['accepted']);
      stage.step('A', put('p', 'k', 'v'));
      stage.step('A', turnEnd);
      stage.deliver(stage.take('A', 'B'));
      stage.step('B', turnEnd);
      stage.now += 60;
      stage.step('A', { kind: 'tick' });
      expect(answers(stage.deliver(stage.take('A', 'B'))), 'it says that the entry is verified').to.deep.equal([]);
      expect(answers(await stage.save('B'))).to.deep.equal(['accepted', 'accepted']);
    });

    it('what a transfer brings in the same turn does not let an answer out early (R9)', async () => {
      const stage = await diskPair();
      stage.step('A', put('p', 'k', 'v'));
      stage.step('A', turnEnd);
      const prepare = stage.take('A', 'B');
      stage.deliver(prepare);
      // A chunk that was on its way too, of a transfer of a later moment.
      const chunk = {
        kind: 'chunk',
        ...{ ...senderOf('A'), viewnum: 2, number: 1000, transfer: 999, order: 0 },
        ...{ position: { viewnum: 2, index: 50 }, total: 2, last: false },
        records: [{ kind: 'cell', key: 'x', cell: { value: 'y', revision: 40 } }],
      } as const;
      stage.step('B', { kind: 'message', requester: { from: 'A', number: 1000 }, message: chunk });
      stage.step('B', turnEnd);
      const last = stage.replica('B').inspection.lastIndex;
      const effects: Effect[] = [];
      while (!answers(effects).includes('accepted')) effects.push(...(await stage.save('B', 1)));
      const { entries, meta } = await stage.boot('B', 2);
      expect((meta?.base.index ?? 0) + entries.length, 'entries on disk when they were accepted').to.equal(last);
    });

    it('a primary commits what is on its own disk too, however quick the backup is (R9)', async () => {
      const stage = await diskPair();
      stage.step('A', put('p', 'k', 'v'));
      stage.step('A', turnEnd);
      const effects = await stage.rest(['B']);
      expect(told(effects)).to.deep.equal([]);
      stage.deliver(stage.take('A', 'B'));
      await stage.rest(['B']);
      stage.deliver(stage.take('B', 'A'));
      expect(told(stage.step('A', turnEnd)), 'the backup has it, the primary has not').to.deep.equal([]);
      await stage.save('A');
      expect(told(stage.step('A', turnEnd))).to.deep.equal(['p: {"revision":2}']);
    });

    it('a primary alone answers when its disk has the entry', async () => {
      const stage = await alone();
      stage.step('A', put('p', 'k', 'v'));
      expect(told(stage.settle())).to.deep.equal([]);
      await stage.save('A');
      stage.step('A', put('q', 'k', 'w'));
      expect(told(stage.step('A', turnEnd))).to.deep.equal(['p: {"revision":2}']);
      await stage.save('A');
      expect(told(stage.step('A', turnEnd))).to.deep.equal(['q: {"revision":3}']);
    });

    it('a ping tells neither a view, nor its number, nor a position before it is on disk (R9)', async () => {
      const stage = await alone();
      const before = stage.report('A');
      expect(before).to.deep.include({ viewnum: 1, position: { viewnum: 1, index: 1 } });
      stage.step('A', put('p', 'k', 'v'));
      stage.pinged('A', viewOf(2, 'A'));
      stage.settle();
      expect(stage.report('A')).to.deep.equal(before);
      await stage.save('A');
      expect(stage.report('A')).to.deep.include({ viewnum: 2, position: { viewnum: 1, index: 2 } });
      expect(stage.report('A').view?.viewnum).to.equal(2);
    });

    it('it asks for a ping that acknowledges only when the view is on disk', async () => {
      const stage = await alone();
      stage.pinged('A', viewOf(2, 'A'));
      const pings = (effects: readonly Effect[]) => effects.filter(({ kind }) => kind === 'ping').length;
      expect(pings(stage.settle())).to.equal(0);
      expect(pings(await stage.rest())).to.equal(1);
      expect(stage.report('A').viewnum).to.equal(2);
    });
  });

  describe('restarts', () => {
    it('with the same data, sessions and log, and at most once stays at most once (R9, S4)', async () => {
      const stage = await alone();
      stage.step('A', openSession);
      await stage.rest();
      for (let seq = 1; seq <= 5; seq++) stage.step('A', write('append', `w${seq}`, 'log', `<${seq}>`, seq));
      await stage.rest();
      const before = { data: dataOf(stage, 'A'), log: logOf(stage, 'A'), report: stage.report('A') };
      await stage.boot('A', 2);
      expect(logOf(stage, 'A')).to.deep.equal(before.log);
      expect(stage.report('A')).to.deep.include({
        viewnum: before.report.viewnum,
        position: before.report.position,
        cluster: 'cluster',
        view: before.report.view,
      });
      await comeBackAlone(stage);
      const { fingerprint } = before.data as { fingerprint: string };
      expect(dataOf(stage, 'A')).to.deep.equal({ commitIndex: 8, fingerprint });
      const again = stage.step('A', write('append', 'again', 'log', '<3>', 3));
      expect(told([...again, ...(await stage.rest())]), 'the remembered result').to.deep.equal([
        'again: {"revision":5}',
      ]);
      expect(dataOf(stage, 'A')).to.deep.include({ fingerprint });
    });

    it('and commits nothing before all that it may have promised has run out (L2)', async () => {
      const stage = await alone();
      stage.step('A', put('p', 'k', 'v'));
      await stage.rest();
      await stage.boot('A', 2);
      const restartedAt = stage.now;
      stage.pinged('A', viewOf(2, 'A', [], [], { A: 2 }));
      await stage.rest();
      stage.step('A', put('q', 'k', 'w'));
      stage.step('A', get('g', 'k'));
      expect(told(await stage.pass(225))).to.deep.equal([]);
      expect(stage.report('A').viewnum, 'not acknowledged either').to.equal(1);
      const effects = await stage.pass(25);
      expect(stage.now - restartedAt).to.equal(250);
      expect(told(effects)).to.have.members(['q: {"revision":4}', 'g: {"value":"w","revision":4}']);
      expect(stage.report('A').viewnum).to.equal(2);
    });

    it('without what was not on disk, which nobody was told of', async () => {
      const stage = await alone();
      stage.step('A', put('p', 'k', 'v'));
      await stage.rest();
      stage.step('A', put('q', 'k', 'w'));
      expect(told(stage.settle())).to.deep.equal([]);
      await stage.boot('A', 2);
      expect(logOf(stage, 'A')).to.deep.equal(['1:nothing', '1:put:v']);
    });

    it('from data and entries, each entry applied exactly once, wherever the last checkpoint was', async () => {
      for (let count = 1; count <= 12; count++) {
        const stage = await alone({ limits: { checkpointEntries: 4 } });
        let value = '';
        for (let n = 1; n <= count; n++) {
          stage.step('A', write('append', 'p', 'k', `<${n}>`));
          await stage.rest();
          value += `<${n}>`;
        }
        const { meta } = await stage.boot('A', 2);
        if (count >= 6) expect(meta?.applied, 'a checkpoint was taken').to.be.greaterThan(1);
        await comeBackAlone(stage);
        const read = told(stage.step('A', get('g', 'k')));
        expect(read).to.deep.equal([`g: {"value":"${value}","revision":${count + 1}}`]);
      }
    });

    it('from a checkpoint that came in pieces, of which any number had come', async () => {
      const seen = new Set<number>();
      for (let steps = 0; steps < 40; steps++) {
        const stage = await alone({ limits: { checkpointEntries: 6, pieceCells: 1 } });
        for (let n = 1; n <= 18; n++) stage.step('A', write('append', 'p', `k${n % 5}`, `<${n}>`));
        await stage.rest();
        for (let n = 0; n <= steps; n++) {
          const key = `k${n % 5}`;
          if (n % 3 < 2) stage.step('A', write('append', 'p', key, `[${n}]`));
          else stage.step('A', { kind: 'write', requester: 'd', operation: { kind: 'delete', key } });
          // The second time there is no entry that a piece could come with.
          for (let turn = 0; turn <= n % 2; turn++) {
            stage.settle();
            if (stage.unsaved('A').length > 0) await stage.save('A', 1);
          }
        }
        const { commitIndex } = stage.replica('A').inspection;
        const { meta, machine, commit } = await stage.boot('A', 2);
        seen.add((await stage.keysOn('A')).filter((key) => key.startsWith('cell/')).length);
        expect(commit, 'what the log tells of').to.be.within(meta?.applied ?? 0, commitIndex);
        // The whole log is kept, and all of it applied anew gives what the server has.
        const { inspection } = stage.replica('A');
        const whole = new StateMachine({ ...DEFAULT_LIMITS, valueUnits: 1_000 });
        let applied = 0;
        const applyTo = (last: number) => {
          while (applied < last) whole.apply(++applied, inspection.entryAt(applied) as Entry, 'cluster');
          return cellsOf(whole);
        };
        expect(cellsOf(machine), `after ${steps} steps`).to.deep.equal(applyTo(commit));
        await comeBackAlone(stage);
        expect(cellsOf(machine), `after ${steps} steps, and all of the log`).to.deep.equal(
          applyTo(inspection.commitIndex),
        );
      }
      expect(seen.size, 'of cells on disk there were many numbers').to.be.greaterThan(1);
    });

    it('with deleted keys and ended sessions gone, also where a checkpoint had kept them', async () => {
      const stage = await alone({ limits: { checkpointEntries: 1 } });
      stage.step('A', openSession);
      stage.step('A', put('p', 'k', 'v'));
      stage.step('A', put('q', 'l', 'v'));
      await stage.rest();
      await stage.pass(25);
      const { machine: full } = await stage.boot('A', 2);
      expect([full?.cells.size, full?.sessions.size]).to.deep.equal([2, 1]);
      await comeBackAlone(stage);
      stage.step('A', { kind: 'write', requester: 'd', operation: { kind: 'delete', key: 'k' } });
      stage.step('A', { kind: 'write', requester: 'e', operation: { kind: 'expireSession', session: SESSION } });
      await stage.rest();
      await stage.pass(25);
      const { machine } = await stage.boot('A', 3);
      expect([machine?.cells.size, machine?.sessions.size]).to.deep.equal([1, 0]);
    });

    it('with what was applied since, written within a second also where entries are few', async () => {
      const stage = await alone();
      stage.step('A', put('p', 'k', 'v'));
      await stage.rest();
      await stage.pass(1_050);
      const { meta, machine } = await stage.boot('A', 2);
      expect([meta?.applied, machine?.cells.get('k')?.value]).to.deep.equal([2, 'v']);
    });
  });

  it('cuts its log only behind what is applied on its disk (R12)', async () => {
    const stage = await alone({ limits: { retainedEntries: 2, checkpointEntries: 10 } });
    const { inspection } = stage.replica('A');
    let cut = 0;
    for (let n = 0; n < 60; n++) {
      stage.step('A', put('p', `k${n}`, 'v'));
      stage.settle();
      const { base } = inspection;
      await stage.rest();
      if (base.index > 0) cut += 1;
      const applied = await stage.appliedOn('A');
      expect(inspection.base.index).to.be.at.most(applied);
    }
    expect(cut, 'the log was cut').to.be.greaterThan(30);
    const log = (await stage.keysOn('A')).filter((key) => key.startsWith('log/'));
    expect(log.length, 'old records of the log are deleted').to.be.lessThan(30);
    const before = dataOf(stage, 'A') as { fingerprint: string };
    await stage.boot('A', 2);
    await comeBackAlone(stage);
    expect(dataOf(stage, 'A')).to.deep.include({ fingerprint: before.fingerprint });
  });

  it('keeps its log whole while a checkpoint is on its way to the disk (R12)', async () => {
    const stage = await alone({ limits: { retainedEntries: 1, checkpointEntries: 5 } });
    for (let n = 0; n < 3; n++) {
      stage.step('A', put('p', `k${n}`, 'v'));
      await stage.rest();
    }
    stage.step('A', put('p', 'k3', 'v'));
    stage.settle();
    await stage.save('A');
    stage.settle();
    expect(
      stage.unsaved('A').some(({ data }) => data !== undefined),
      'a checkpoint is under way',
    ).to.equal(true);
    stage.settle();
    expect(stage.replica('A').inspection.base.index).to.equal(0);
    await stage.boot('A', 2);
    expect(logOf(stage, 'A')).to.have.lengthOf(5);
  });

  describe('in a transfer', () => {
    /** C joins A, alone so far, whose log does not reach back to its beginning any more. */
    async function joining(): Promise<DiskStage> {
      const stage = await alone({ limits: { retainedEntries: 1, checkpointEntries: 2, chunkUnits: 150 } });
      stage.step('A', openSession);
      await stage.rest();
      for (let n = 0; n < 8; n++) stage.step('A', write('append', `w${n}`, `k${n % 6}`, `<${n}>`, n + 1));
      await stage.rest();
      await stage.pass(50);
      await stage.boot('C');
      stage.pinged('C', viewOf(1, 'A'));
      return stage;
    }

    it('restarts with the old state whole, wherever it was interrupted, and ends with the new one (R10)', async () => {
      const seen = new Set<string>();
      for (let steps = 0; steps < 120; steps++) {
        const stage = await joining();
        for (const server of ['A', 'C']) stage.pinged(server, viewOf(2, 'A', ['C'], ['C']));
        await deliverSome(stage, steps);
        const { meta, machine } = await stage.boot('C', 2);
        const keys = (await stage.keysOn('C')).filter((key) => key.startsWith('cell/'));
        if (meta?.applied === 0 || meta === undefined) {
          seen.add('old');
          expect([machine?.cells.size ?? 0, machine?.sessions.size ?? 0, keys.length]).to.deep.equal([0, 0, 0]);
        } else {
          seen.add('new');
          const { fingerprint } = dataOf(stage, 'C') as { fingerprint: string };
          expect(fingerprint).to.match(/^6 keys, 1 sessions/);
          expect(keys).to.have.lengthOf(6);
        }
        stage.pinged('C', viewOf(2, 'A', ['C'], ['C']));
        const next = viewOf(3, 'A', ['C'], ['C'], { C: 2 });
        for (const server of ['A', 'C']) stage.pinged(server, next);
        stage.mail.splice(0);
        await stage.pass(300);
        expect(dataOf(stage, 'C'), `interrupted after ${steps} steps`).to.deep.equal(dataOf(stage, 'A'));
        await stage.boot('C', 3);
        expect((dataOf(stage, 'C') as { fingerprint: string }).fingerprint).to.match(/^6 keys, 1 sessions/);
      }
      expect([...seen]).to.have.members(['old', 'new']);
    });

    /** A turn, a letter or one write of a disk at a time. */
    async function deliverSome(stage: DiskStage, steps: number): Promise<void> {
      for (let step = 0; step < steps; step++) {
        for (const server of ['A', 'C']) stage.step(server, { kind: 'turn-end' });
        if (stage.unsaved('A').length > 0) await stage.save('A');
        if (stage.unsaved('C').length > 0) await stage.save('C', 1);
        else {
          const letter = stage.mail.shift();
          if (letter !== undefined) stage.deliver(letter);
        }
      }
    }
  });

  describe('with a suffix that conflicts', () => {
    const nothing = { viewnum: 3, operation: { kind: 'nothing' } } as const;
    const third = { ...viewOf(3, 'C', ['B']), incarnations: { C: 'C#1', B: 'B#1' } };
    /** B holds entries of A that nobody else has; C, which lacks the last two, is primary of the next view. */
    async function conflicting(): Promise<DiskStage> {
      const stage = await diskPair();
      for (const value of ['v', 'w', 'x']) stage.step('A', put('p', 'k', value));
      stage.step('A', turnEnd);
      stage.deliver(stage.take('A', 'B'));
      await stage.rest(['B']);
      expect(logOf(stage, 'B')).to.deep.equal(['1:nothing', '2:put:v', '2:put:w', '2:put:x']);
      stage.mail.splice(0);
      stage.monitorKnows(third);
      return stage;
    }

    it('the entries that were cut off do not come back after a restart (R3, R9)', async () => {
      const stage = await conflicting();
      const prepare = {
        kind: 'prepare',
        ...{ ...senderOf('C'), viewnum: 3, number: 1, view: third, commit: 1 },
        ...{ previous: { viewnum: 2, index: 2 }, entries: [nothing] },
      } as const;
      stage.step('B', { kind: 'message', requester: { from: 'C', number: 1 }, message: prepare });
      const cut = logOf(stage, 'B');
      expect(cut).to.deep.equal(['1:nothing', '2:put:v', '3:nothing']);
      expect(answers(stage.step('B', turnEnd))).to.deep.equal([]);
      expect(answers(await stage.save('B'))).to.deep.equal(['accepted']);
      await stage.boot('B', 2);
      expect(logOf(stage, 'B')).to.deep.equal(cut);
    });

    it('they are all there as long as the cut is not on disk', async () => {
      const stage = await conflicting();
      const before = logOf(stage, 'B');
      const prepare = {
        kind: 'prepare',
        ...{ ...senderOf('C'), viewnum: 3, number: 1, view: third, commit: 1 },
        ...{ previous: { viewnum: 2, index: 2 }, entries: [nothing] },
      } as const;
      stage.step('B', { kind: 'message', requester: { from: 'C', number: 1 }, message: prepare });
      stage.step('B', turnEnd);
      await stage.boot('B', 2);
      expect(logOf(stage, 'B')).to.deep.equal(before);
    });
  });
});
