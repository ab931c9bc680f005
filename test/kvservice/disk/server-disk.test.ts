/** What a server does with what it finds on its disk: takes it, refuses it, or sets it aside (R9). */
import { type Change, seal, sealText, UnderstudyError } from '@understudy/rpc';
import { MemoryDisk } from '@understudy/testkit';
import { expect } from 'chai';
import { DEFAULT_LIMITS } from '../../../packages/kvservice/src/core/config.ts';
import type { Meta, Persist } from '../../../packages/kvservice/src/core/persist.ts';
import { digestOf, Remembered } from '../../../packages/kvservice/src/core/remembered.ts';
import type { DiskNotice } from '../../../packages/kvservice/src/notice.ts';
import { Recorder } from '../../../packages/kvservice/src/store/recorder.ts';
import { ServerDisk } from '../../../packages/kvservice/src/store/server-disk.ts';

const META: Meta = {
  incarnation: 'i',
  cluster: 'cluster',
  view: { viewnum: 3, primary: 'a:1', backups: [], syncing: [] },
  fulfilled: 3,
  reported: { viewnum: 1, index: 2 },
  base: { viewnum: 1, index: 0 },
  applied: 2,
  checkpoint: 1,
  generation: 0,
};

const entry = (value: string) => ({ viewnum: 1, operation: { kind: 'put', key: 'k', value } }) as const;

const REMEMBERED = new Remembered({ kind: 'result', result: { revision: 2 } }, entry('v').operation);

const WRITES: readonly Persist[] = [
  { kind: 'persist', number: 1, log: { from: 1, entries: [entry('u'), entry('v')], commit: 0 } },
  {
    ...{ kind: 'persist', number: 2, log: { from: 3, entries: [entry('w')], commit: 2 }, meta: META },
    data: {
      generation: 0,
      checkpoint: 1,
      cells: [['k', { value: 'v', revision: 2 }]],
      sessions: [['s', { client: 'c', acked: 1, textAt: 0, results: new Map([[2, REMEMBERED]]) }]],
    },
  },
];

/** A turn is over at once. */
const clock = { endOfTurn: (callback: () => void) => callback() };

describe('the disk of a server', () => {
  let disk: MemoryDisk;
  let notices: DiskNotice[];
  beforeEach(() => {
    disk = new MemoryDisk();
    notices = [];
  });

  const open = (server = 'a:1') =>
    ServerDisk.open({
      disk,
      directory: 'data',
      server,
      limits: { ...DEFAULT_LIMITS, valueUnits: 100 },
      maxBytes: Infinity,
      onNotice: (notice) => notices.push(notice),
    });

  /** The directory holds what a server has written, and then these changes. */
  async function fill(...more: readonly Change[]): Promise<void> {
    const changes: Change[] = [];
    const recorder = new Recorder('a:1', []);
    for (const write of WRITES) recorder.record(write, changes);
    const store = await disk.open('data');
    await store.write([...changes, ...more]);
    await store.close();
  }

  async function contentOf(directory: string): Promise<unknown[]> {
    const store = await disk.open(directory);
    const entries: unknown[] = [];
    for await (const portion of store.read({ from: '', to: '\u{10ffff}' })) entries.push(...portion);
    await store.close();
    return entries;
  }

  async function refusalOf(promise: Promise<unknown>): Promise<UnderstudyError> {
    try {
      await promise;
    } catch (error) {
      if (error instanceof UnderstudyError) return error;
    }
    return expect.fail('it was not refused');
  }

  it('gives what was written, and says so', async () => {
    await fill();
    const { restored } = await open();
    expect(restored.meta).to.deep.include(META);
    expect(restored.entries).to.deep.equal([entry('u'), entry('v'), entry('w')]);
    expect(restored.machine?.get('k', 2)).to.deep.equal({ value: 'v', revision: 2 });
    const session = restored.machine?.sessions.get('s');
    const remembered = session?.results.get(2);
    expect([session?.client, session?.acked, remembered?.outcome, remembered?.digest]).to.deep.equal([
      'c',
      1,
      { kind: 'result', result: { revision: 2 } },
      digestOf(entry('v').operation),
    ]);
    expect(notices).to.deep.equal([{ kind: 'restored', viewnum: 3, entries: 3, keys: 1, applied: 2 }]);
  });

  it('is empty where nothing was, and says nothing', async () => {
    const { restored } = await open();
    expect([restored.meta, restored.entries, restored.machine, notices]).to.deep.equal([undefined, [], undefined, []]);
  });

  it('writes on behind what was there', async () => {
    await fill();
    const told: string[] = [];
    const server = await open();
    server.begin({
      clock,
      onDurable: (number) => told.push(`${number}`),
      onFailure: (error) => told.push(error.message),
    });
    server.write({ kind: 'persist', number: 1, log: { from: 3, entries: [entry('x'), entry('y')], commit: 2 } });
    await server.close();
    expect(told).to.deep.equal(['1']);
    const { restored } = await open();
    expect(restored.entries).to.deep.equal([entry('u'), entry('v'), entry('x'), entry('y')]);
  });

  it('reads what was written in format 2, where the log told of no commit index, and cells of no checkpoint', async () => {
    const { checkpoint: _, ...meta } = META;
    const key = 'log/0000000000000004';
    const cell = 'cell/0/of format 2';
    await fill(
      { kind: 'put', key: 'meta', value: seal('meta', { format: 2, server: 'a:1', ...meta }) },
      { kind: 'put', key, value: seal(key, [{ viewnum: 1, operations: [['put', 'k', 'x']] }]) },
      { kind: 'put', key: cell, value: sealText(cell, '1 7 @x') },
      { kind: 'put', key: 'cell/0/k', value: sealText('cell/0/k', '2 v') },
    );
    const { restored } = await open();
    expect([restored.meta?.checkpoint, restored.commit]).to.deep.equal([0, 2]);
    expect(restored.entries).to.deep.equal(['u', 'v', 'w', 'x'].map(entry));
    expect(restored.machine?.get('of format 2', 2)).to.deep.equal({ value: '7 @x', revision: 1 });
    expect(restored.machine?.get('k', 2)).to.deep.equal({ value: 'v', revision: 2 });
  });

  it('reads remembered results that an older version wrote, without digests of their operations (S3)', async () => {
    const key = 'session/0/s';
    const results = [[2, { kind: 'result', result: { revision: 2 } }]];
    await fill({ kind: 'put', key, value: seal(key, { client: 'c', acked: 1, results }) });
    const remembered = (await open()).restored.machine?.sessions.get('s')?.results.get(2);
    expect([remembered?.outcome, remembered?.digest]).to.deep.equal([results[0]?.[1], undefined]);
    expect(remembered?.isOf(entry('another').operation)).to.equal(true);
  });

  it('takes back what there is of a checkpoint that was interrupted, once and for all', async () => {
    const changes: Change[] = [];
    const before = { value: 'v', revision: 2 };
    new Recorder('a:1', []).record(
      {
        ...{ kind: 'persist', number: 3 },
        data: {
          ...{ generation: 0, checkpoint: 2, sessions: [] },
          cells: [
            ['k', { value: 'w', revision: 3 }, before],
            ['new', { value: 'w', revision: 4 }, null],
          ],
        },
      },
      changes,
    );
    await fill(...changes);
    const server = await open();
    const cellsOf = ({ restored }: ServerDisk) => [...(restored.machine?.cells.ascending() ?? [])];
    expect(cellsOf(server)).to.deep.equal([['k', before]]);
    server.begin({ clock, onDurable: () => {}, onFailure: (error) => expect.fail(error.message) });
    server.write({ kind: 'persist', number: 1, meta: { ...META, checkpoint: 2 } });
    await server.close();
    expect(cellsOf(await open()), 'when another checkpoint of that number counts').to.deep.equal([['k', before]]);
  });

  it('reads what was written in format 1, where the log held its entries one by one, and cells were JSON', async () => {
    const key = 'log/0000000000000004';
    const cell = 'cell/0/of format 1';
    await fill(
      { kind: 'put', key, value: seal(key, [entry('x'), entry('y')]) },
      { kind: 'put', key: cell, value: seal(cell, ['7 [x', 1]) },
    );
    const { restored } = await open();
    expect(restored.entries).to.deep.equal(['u', 'v', 'w', 'x', 'y'].map(entry));
    expect(restored.machine?.get('of format 1', 2)).to.deep.equal({ value: '7 [x', revision: 1 });
  });

  for (const value of ['', ' ', '[1,2]', '7 8', '\u{1f600}\n"\\'])
    it(`gives the value back as it was: ${JSON.stringify(value)}`, async () => {
      const changes: Change[] = [];
      const data = { generation: 0, checkpoint: 1, cells: [['k', { value, revision: 2 }]], sessions: [] } as const;
      new Recorder('a:1', []).record({ kind: 'persist', number: 3, data }, changes);
      await fill(...changes);
      const { restored } = await open();
      expect(restored.machine?.get('k', 2)).to.deep.equal({ value, revision: 2 });
    });

  it('leaves nothing behind of a transfer that did not end (R10)', async () => {
    const cell = (generation: number) => {
      const key = `cell/${generation}/k`;
      return { kind: 'put', key, value: seal(key, ['other', 9]) } as const;
    };
    await fill(cell(1), cell(2), cell(10));
    const { restored } = await open();
    expect(restored.machine?.get('k', 2)).to.deep.equal({ value: 'v', revision: 2 });
    expect(JSON.stringify(notices)).not.to.include('damaged');
  });

  for (const [what, server, record, reason] of [
    ['of another server', 'b:1', metaOf('a:1', 1), /^dataDir: data holds the data of a:1, and this server is b:1: /],
    ['of a newer format', 'a:1', metaOf('a:1', 4), /^dataDir: data was written in format 4 by a newer version/],
  ] as const) {
    it(`data ${what} is refused, and nothing in it is changed`, async () => {
      const left = { kind: 'put', key: 'cell/1/k', value: seal('cell/1/k', ['of a transfer', 1]) } as const;
      await fill({ kind: 'put', key: 'meta', value: seal('meta', record) }, left);
      const before = await contentOf('data');
      const error = await refusalOf(open(server));
      expect([error.name, error.data.field]).to.deep.equal(['INVALID_PARAMS', 'dataDir']);
      expect(error.message).to.match(reason);
      expect(await contentOf('data')).to.deep.equal(before);
      expect(await contentOf('data.damaged-1')).to.deep.equal([]);
      expect(notices).to.deep.equal([]);
    });
  }

  for (const [what, change, reason] of [
    ['a damaged cell', damage('cell/0/k'), 'the checksum of cell/0/k is wrong'],
    ['a damaged session', damage('session/0/s'), 'the checksum of session/0/s is wrong'],
    ['a damaged entry', damage('log/0000000000000003'), 'the checksum of log/0000000000000003 is wrong'],
    ['damage to what it knows of itself', damage('meta'), 'the checksum of meta is wrong'],
    [
      'a missing beginning of the log',
      { kind: 'delete', key: 'log/0000000000000001' },
      'entries are missing before log/0000000000000003',
    ],
    ['no knowledge of itself', { kind: 'delete', key: 'meta' }, 'there is data, but no meta'],
  ] as const satisfies readonly (readonly [string, Change, string])[]) {
    it(`data with ${what} is set aside as it is, and the server starts empty`, async () => {
      await fill(change);
      const before = await contentOf('data');
      const server = await open();
      expect(notices).to.deep.equal([{ kind: 'data-damaged', reason, movedTo: 'data.damaged-1' }]);
      expect([server.restored.meta, server.restored.entries]).to.deep.equal([undefined, []]);
      expect(await contentOf('data.damaged-1')).to.deep.equal(before);
      server.begin({ clock, onDurable: () => {}, onFailure: (error) => expect.fail(error.message) });
      for (const write of WRITES) server.write(write);
      await server.close();
      expect((await open()).restored.entries).to.have.lengthOf(3);
    });
  }

  it('a log that ends before what is applied is damage', async () => {
    await fill({ kind: 'put', key: 'meta', value: seal('meta', { ...metaOf('a:1', 1), applied: 4 }) });
    await open();
    expect(notices).to.deep.equal([
      {
        kind: 'data-damaged',
        reason: 'the log ends before entry 4, which is applied',
        movedTo: 'data.damaged-1',
      },
    ]);
  });
});

function metaOf(server: string, format: number): object {
  return { format, server, ...META };
}

function damage(key: string): Change {
  return { kind: 'put', key, value: '00000000"what is left"' };
}
