/** The real disk: what every Disk does, what a kill leaves, and what is damaged, foreign or full. */
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LevelDisk, seal, UnderstudyError } from '@understudy/rpc';
import { expect } from 'chai';
import { diskConformance, entriesOf, failureOf, put } from '../support/conformance/index.ts';
import { KEYS_IN_BATCH } from './support/batches.ts';
import { realPassage } from './support/real-passage.ts';
import { WriterProcess } from './support/writer-process.ts';

diskConformance('LevelDB', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'understudy-disk-'));
  const cleanup = () => rm(parent, { recursive: true });
  return { disk: new LevelDisk(), directory: join(parent, 'deep', 'data'), ...realPassage(cleanup) };
});

const SERVER = { name: 'server', record: 'meta' };
const MONITOR = { name: 'monitor', record: 'monitor' };

const rightsOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('LevelDisk', function () {
  this.timeout(120_000);

  let parent: string;
  let directory: string;
  let disk: LevelDisk;
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'understudy-disk-'));
    directory = join(parent, 'data');
    disk = new LevelDisk();
  });
  afterEach(() => rm(parent, { recursive: true }));

  /** Fills the directory with so many writes, each of its own key. */
  const fill = async (writes: number) => {
    const store = await disk.open(directory);
    for (let n = 0; n < writes; n++) await store.write([put(key(n), `value ${n}`)]);
    await store.close();
  };

  const messageOf = (promise: Promise<unknown>) =>
    promise.then(
      () => 'none',
      (error: unknown) => (error instanceof UnderstudyError ? `${error.name} ${error.message}` : String(error)),
    );

  /** The one log that holds something. */
  const log = () => join(directory, readdirSync(directory).find((name) => name.endsWith('.log')) ?? 'none');

  const everything = () =>
    readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'latin1')] as const);

  it('is locked while another process has it open, and free when that is killed', async () => {
    const writer = new WriterProcess([directory]);
    await writer.said(2);
    expect(await messageOf(disk.open(directory))).to.equal(`STORE_IN_USE ${directory} is in use by another process`);
    expect(await failureOf(disk.setAside(directory))).to.deep.equal(['STORE_IN_USE', true]);
    const before = writer.lines.length;
    await writer.said(before + 10);
    expect(writer.lines.length, 'it writes on').to.be.at.least(before + 10);
    await writer.kill();
    await (await disk.open(directory)).close();
  });

  it('has every write that had resolved when its process was killed, and each write whole: two stores, ten times', async () => {
    const places = [join(parent, 'even'), join(parent, 'odd')];
    const acknowledged = new Set<string>();
    for (let round = 0; round < 10; round++) {
      const writer = new WriterProcess(places, round * 100_000);
      await writer.said(2 + ((round * 67) % 180));
      await writer.kill();
      const [opened, ...numbers] = writer.lines;
      expect(opened).to.equal('open');
      for (const number of numbers) acknowledged.add(number);
      const found = new Map<string, number>();
      for (const place of places) {
        const store = await disk.open(place);
        for (const [entry, value] of await entriesOf(store)) {
          const [number = ''] = entry.split(' ');
          expect(value.startsWith(number)).to.equal(true);
          found.set(number, (found.get(number) ?? 0) + 1);
        }
        await store.close();
      }
      expect([...new Set(found.values())]).to.deep.equal([KEYS_IN_BATCH]);
      expect([...acknowledged].filter((number) => !found.has(number))).to.deep.equal([]);
    }
    expect(acknowledged.size).to.be.above(500);
  });

  it('says so when the disk does not take a write, and keeps what it took before', async () => {
    const writer = new WriterProcess([directory], 0, 'ulimit -f 4000');
    await writer.ended();
    const failure = writer.lines.at(-1) ?? '';
    expect(failure).to.match(/^STORE_FAILED the disk failed at .*data: IO error: .*File too large$/);
    const store = await disk.open(directory);
    const kept = new Set((await entriesOf(store)).map(([entry]) => entry.split(' ')[0]));
    await store.close();
    const acknowledged = writer.lines.slice(1, -1);
    expect(acknowledged.length).to.be.above(10);
    expect(acknowledged.filter((number) => !kept.has(number))).to.deep.equal([]);
  });

  it('cannot be where there is no directory to be made', async () => {
    writeFileSync(join(parent, 'file'), '');
    const below = join(parent, 'file', 'data');
    expect(await messageOf(disk.open(below))).to.match(/^STORE_FAILED the disk failed at .*file.data: ENOTDIR/);
  });

  it('a file in the place of the directory fails, and is left as it is', async () => {
    writeFileSync(directory, 'text');
    expect(await messageOf(disk.open(directory))).to.match(/^STORE_FAILED the disk failed at .*: it is a file$/);
    expect(readFileSync(directory, 'latin1')).to.equal('text');
  });

  const foreign: readonly (readonly [string, () => void])[] = [
    ['somebody’s files', () => makeFiles({ 'letter.txt': 'Dear' })],
    ['tables without anything that names them', () => makeFiles({ '000005.ldb': 'x', LOCK: '', LOG: '' })],
    ['a CURRENT that names nothing', () => makeFiles({ CURRENT: 'of a river\n' })],
  ];
  const makeFiles = (files: Readonly<Record<string, string>>) => {
    mkdirSync(directory);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  };
  for (const [what, make] of foreign) {
    it(`touches nothing where it finds ${what}, and sets it not aside`, async () => {
      make();
      const before = everything();
      expect(await messageOf(disk.open(directory, SERVER))).to.equal(
        `STORE_FOREIGN ${directory} holds something else than the data of a server: nothing in it was changed; take another directory`,
      );
      expect(await failureOf(disk.setAside(directory))).to.deep.equal(['STORE_FOREIGN', true]);
      expect(everything()).to.deep.equal(before);
      expect(readdirSync(parent)).to.deep.equal(['data']);
    });
  }

  for (const [what, make] of [
    ['a file', () => makeFiles({ UNDERSTUDY: 'hello' })],
    ['an empty file', () => makeFiles({ UNDERSTUDY: '' })],
    ['a directory', () => mkdirSync(join(directory, 'UNDERSTUDY'), { recursive: true })],
    ['a file with the name of an unfinished mark', () => makeFiles({ 'UNDERSTUDY.new': 'hello' })],
  ] as const) {
    it(`touches nothing where ${what} of somebody else has the name of the mark`, async () => {
      make();
      const before = readdirSync(parent, { recursive: true });
      expect(await failureOf(disk.open(directory, SERVER))).to.deep.equal(['STORE_FOREIGN', true]);
      expect(readdirSync(parent, { recursive: true })).to.deep.equal(before);
      const [name = ''] = readdirSync(directory);
      const isFile = statSync(join(directory, name)).isFile();
      if (isFile) expect(readFileSync(join(directory, name), 'utf8')).to.be.oneOf(['hello', '']);
    });
  }

  it('takes a directory whose mark was left unfinished', async () => {
    makeFiles({ 'UNDERSTUDY.new': 'understudy ser' });
    await (await disk.open(directory, SERVER)).close();
    expect(readFileSync(join(directory, 'UNDERSTUDY'), 'utf8')).to.equal('understudy server\n');
  });

  it('touches nothing in the store of another kind, nor in a database of somebody else', async () => {
    await (await disk.open(directory, MONITOR)).close();
    const before = everything();
    expect(await messageOf(disk.open(directory, SERVER))).to.match(/^STORE_FOREIGN .* holds the data of a monitor: /);
    expect(everything()).to.deep.equal(before);
    rmSync(join(directory, 'UNDERSTUDY'));
    const unmarked = everything();
    expect(await messageOf(disk.open(directory, SERVER))).to.match(
      /^STORE_FOREIGN .* something else than the data of a server: /,
    );
    expect(everything()).to.deep.equal(unmarked);
    expect(readdirSync(parent)).to.deep.equal(['data']);
  });

  it('knows a store by its record that was made before directories were marked, and marks it', async () => {
    const store = await disk.open(directory, SERVER);
    await store.write([put('meta', seal('meta', {})), put('other', 'value')]);
    await store.close();
    for (const mark of [undefined, 'understudy serv\u0001r\n']) {
      rmSync(join(directory, 'UNDERSTUDY'));
      if (mark !== undefined) writeFileSync(join(directory, 'UNDERSTUDY'), mark);
      expect(await failureOf(disk.open(directory, MONITOR))).to.deep.equal(['STORE_FOREIGN', true]);
      const again = await disk.open(directory, SERVER);
      expect((await entriesOf(again)).map(([entry]) => entry)).to.deep.equal(['meta', 'other']);
      await again.close();
      expect(readFileSync(join(directory, 'UNDERSTUDY'), 'utf8')).to.equal('understudy server\n');
    }
    expect(readdirSync(parent)).to.deep.equal(['data']);
  });

  it('is for its user alone, also where it was for others', async () => {
    await fill(1);
    const modes = () => [directory, ...readdirSync(directory).map((name) => join(directory, name))].map(rightsOf);
    expect(modes()[0]).to.equal('700');
    for (const name of readdirSync(directory)) chmodSync(join(directory, name), 0o644);
    chmodSync(directory, 0o755);
    await (await disk.open(directory)).close();
    expect(modes()[0]).to.equal('700');
    expect(rightsOf(join(directory, 'UNDERSTUDY'))).to.equal('600');
  });

  it('ends, and says why, where no directory can be made', async () => {
    expect(await messageOf(disk.open('/proc/nowhere/data'))).to.match(/^STORE_FAILED the disk failed at .*: ENOENT/);
  });

  it('takes a directory for empty that was being made when its process was killed', async () => {
    makeFiles({ LOCK: '', LOG: '', 'MANIFEST-000001': 'x', '000001.dbtmp': 'MANIFEST' });
    const store = await disk.open(directory);
    expect(await entriesOf(store)).to.deep.equal([]);
    await store.close();
  });

  it('says what is damaged, and what to do, where it cannot be moved', async () => {
    await fill(1);
    // Like a mount point, a directory by this name cannot be renamed.
    const here = `${directory}/.`;
    const message = await messageOf(disk.setAside(here, 'the checksum of k is wrong'));
    expect(message).to.match(/^STORE_FAILED the checksum of k is wrong; and .* cannot be moved out of the way: EBUSY/);
    expect(message).to.include('; a mount point cannot be renamed: take a directory inside it');
    await (await disk.open(directory)).close();
  });

  it('never sets aside over what is there', async () => {
    writeFileSync(`${directory}.damaged-1`, 'kept');
    mkdirSync(`${directory}.damaged-2`);
    await fill(1);
    expect(await disk.setAside(directory)).to.equal(`${directory}.damaged-3`);
    expect(readFileSync(`${directory}.damaged-1`, 'utf8')).to.equal('kept');
  });

  describe('damaged', () => {
    const damages: readonly (readonly [string, () => void])[] = [
      ['its manifest is gone', () => rmSync(fileOf(/^MANIFEST/))],
      ['its manifest has another byte', () => flip(fileOf(/^MANIFEST/), 20)],
      ['a table is gone', () => rmSync(fileOf(/\.ldb$/))],
      ['a table is cut off', () => truncateSync(fileOf(/\.ldb$/), 100)],
      ['a byte of its log is another', () => flip(log(), 400)],
      ['a length in its log is another', () => flip(log(), 5)],
      ['a type in its log is another', () => flip(log(), 6)],
    ];
    const fileOf = (pattern: RegExp) =>
      join(directory, readdirSync(directory).find((name) => pattern.test(name)) ?? 'none');

    for (const [what, damage] of damages) {
      it(`is refused, again and again, when ${what}`, async () => {
        await fill(20);
        await fill(20); // Opening made a table of what had been in the log.
        damage();
        for (let time = 0; time < 2; time++) {
          expect(await messageOf(readAll())).to.match(/^STORE_DAMAGED .*data holds no sound store: /);
        }
        expect(await disk.setAside(directory)).to.equal(`${directory}.damaged-1`);
      });
    }

    const readAll = async () => {
      const store = await disk.open(directory);
      try {
        return await entriesOf(store);
      } finally {
        await store.close();
      }
    };
  });

  it('drops a write that was torn by a power loss, wherever, and none before it', async () => {
    await fill(20);
    const whole = readFileSync(log());
    const image = everything();
    for (const cut of [1, 6, 7, 8, 30, 36, 37, 38, 60]) {
      for (const tail of ['', '\0'.repeat(cut), 'garbage']) {
        rmSync(directory, { recursive: true });
        makeFiles({});
        for (const [name, text] of image) writeFileSync(join(directory, name), text, 'latin1');
        truncateSync(log(), whole.length - cut);
        appendFileSync(log(), tail);
        const store = await disk.open(directory);
        const keys = (await entriesOf(store)).map(([entry]) => entry);
        await store.close();
        const left = 20 - Math.ceil(cut / RECORD_BYTES);
        expect(keys).to.deep.equal(Array.from({ length: left }, (_, n) => key(n)));
      }
    }
  });
});

/** Of each of the last ten of 20 writes of `fill`, in LevelDB's log. */
const RECORD_BYTES = 37;

function key(n: number): string {
  return `key ${String(n).padStart(3, '0')}`;
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = (bytes[at] as number) ^ 8;
  writeFileSync(path, bytes);
}
