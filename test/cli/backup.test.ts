import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KVClient } from '@understudy/kvservice';
import { type Cluster, startCluster } from '@understudy/testkit';
import { expect } from 'chai';
import sinon from 'sinon';
import { backup } from '../../packages/cli/src/copy/backup.ts';
import { openBackup } from '../../packages/cli/src/copy/backup-reader.ts';
import { bytesInWords, copiedLine } from '../../packages/cli/src/copy/copied.ts';
import { Restore } from '../../packages/cli/src/copy/restore.ts';
import { printable } from '../../packages/cli/src/output/printable.ts';
import { runHere } from './command.ts';

const ODD = 'a line\nand "another" ☃ 😀 \u2028 \\';

async function contentOf(kv: KVClient): Promise<ReadonlyMap<string, string>> {
  const content = new Map<string, string>();
  for await (const { key, value } of kv.scan()) content.set(key, value);
  return content;
}

describe('understudy backup and restore', function () {
  this.timeout(60_000);

  let cluster: Cluster;
  let kv: KVClient;
  let directory: string;
  let file: string;
  /** Of the cluster, as the backup has it. */
  let copied: ReadonlyMap<string, string>;

  const understudy = (...args: readonly string[]) => runHere(...args, '--monitor', cluster.monitor);
  const path = (name: string) => join(directory, name);

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'understudy-backup-'));
    file = path('whole');
    cluster = await startCluster({ servers: 2 });
    kv = cluster.client();
    const puts = Array.from({ length: 3_000 }, (_, n) => kv.put(`key ${n}`, `value of ${n}`));
    await Promise.all([...puts, kv.put(ODD, ODD), kv.put('empty', ''), kv.put('large', 'x'.repeat(500_000))]);
    copied = await contentOf(kv);
    expect((await understudy('backup', file)).code).to.equal(0);
  });

  after(async () => {
    await cluster.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('says what it wrote, in words and as JSON, and leaves nothing else', async () => {
    const words = await understudy('backup', path('words'));
    expect(words.stdout).to.match(/words: 3,003 keys as of revision \d+, 0\.6 MB\n$/);
    expect(words.stderr).to.equal('');
    const { stdout } = await understudy('backup', path('json'), '--json');
    expect(JSON.parse(stdout)).to.include({ file: path('json'), keys: 3_003, bytes: readFileSync(file).length });
    expect(JSON.parse(stdout).sha256).to.match(/^[0-9a-f]{64}$/);
    expect(readdirSync(directory).filter((name) => name.endsWith('.partial'))).to.deep.equal([]);
  });

  it('replaces no file unless told to', async () => {
    writeFileSync(path('precious'), 'precious');
    const refused = await understudy('backup', path('precious'));
    expect(refused).to.deep.include({ code: 1, stdout: '' });
    expect(refused.stderr).to.match(/^understudy: .*precious is there already: .*--force to replace it\n$/);
    expect(readFileSync(path('precious'), 'utf8')).to.equal('precious');
    expect((await understudy('backup', path('precious'), '--force')).code).to.equal(0);
    expect(readFileSync(path('precious'), 'utf8')).to.include('understudy-backup');
  });

  it('says in one line that there is no such directory', async () => {
    const { code, stderr } = await understudy('backup', join(directory, 'nowhere', 'file'));
    expect(code).to.equal(1);
    expect(stderr).to.match(/^understudy: .*nowhere.file: there is no such file or directory\n$/);
  });

  it('is of one moment while the service goes on', async () => {
    let isOver = false;
    const write = async (n: number) => {
      await kv.put('a first', String(n));
      await kv.put('z last', String(n));
    };
    await write(0);
    const writing = (async () => {
      for (let n = 1; !isOver; n++) await write(n);
    })();
    for (let time = 0; time < 5; time++) {
      expect((await understudy('backup', path('moving'), '--force')).code).to.equal(0);
      const value = (key: string) =>
        Number(new RegExp(`"key":"${key}","value":"(\\d*)"`).exec(readFileSync(path('moving'), 'utf8'))?.[1]);
      expect(value('a first') - value('z last')).to.be.within(0, 1);
    }
    isOver = true;
    await writing;
  });

  it('gives a cluster without keys what another one had', async () => {
    await using fresh = await startCluster({ servers: 2 });
    const restored = await runHere('restore', file, '--monitor', fresh.monitor);
    expect(restored.stderr).to.equal('');
    expect(restored.stdout).to.match(/^3,003 keys of \d{4}-[^ ]+Z, as of revision \d+\n$/);
    expect(await contentOf(fresh.client())).to.deep.equal(copied);
    const again = await runHere('restore', file, '--monitor', fresh.monitor);
    expect(again.code).to.equal(1);
    expect(again.stderr).to.include(
      `the cluster is not empty: it holds ${printable(JSON.stringify(ODD))}. Nothing was changed`,
    );
  });

  it('an empty cluster has a backup too', async () => {
    await using fresh = await startCluster({ servers: 1 });
    const there = ['--monitor', fresh.monitor];
    expect((await runHere('backup', path('empty'), ...there)).stdout).to.match(
      /: 0 keys as of revision \d+, \d+ bytes\n$/,
    );
    expect(await runHere('restore', path('empty'), ...there, '--json')).to.deep.include({ code: 0, stderr: '' });
  });

  const damages: readonly (readonly [string, (text: string) => string, RegExp])[] = [
    [
      'cut off between two lines',
      (text) => text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1),
      /is cut off: its end is missing/,
    ],
    ['cut off in a line', (text) => text.slice(0, text.length / 2), /is cut off: its end is missing/],
    ['without the end of its last line', (text) => text.slice(0, -1), /is cut off: its end is missing/],
    [
      'with another character',
      (text) => text.replace('value of 7"', 'value of 8"'),
      /was altered: the checksum at its end does not fit/,
    ],
    [
      'without one of its lines',
      (text) => text.replace(/\n\{"key":"key 7".*/, ''),
      /was altered: the checksum at its end does not fit/,
    ],
    [
      'with a line that is no pair',
      (text) => text.replace(/\{"key":"key 7".*/, '{"key":7}'),
      /was altered: line \d+ is no key and value/,
    ],
    ['with more behind its end', (text) => `${text}{}\n`, /was altered: there is something behind its end/],
    [
      'of a newer format',
      (text) => text.replace('"version":1', '"version":9'),
      /has format 9, and this version reads 1/,
    ],
    [
      'with a first line of the wrong types',
      (text) => text.replace(/"keys":\d+/, '"keys":"many"'),
      /damaged was altered: its first line does not say of which moment it is/,
    ],
    ['with another first line', (text) => text.slice(5), /is no backup of this service/],
    ['that is empty', () => '', /is no backup of this service: it is empty/],
  ];
  for (const [what, damage, message] of damages) {
    it(`a file ${what} is refused before anything is asked of the cluster`, async () => {
      const text = readFileSync(file, 'utf8');
      expect(damage(text)).to.not.equal(text);
      writeFileSync(path('damaged'), damage(text));
      // Nobody listens there: whoever asked it would say so.
      const { code, stdout, stderr } = await runHere('restore', path('damaged'), '--monitor', '127.0.0.1:1');
      expect([code, stdout]).to.deep.equal([1, '']);
      expect(stderr).to.match(message);
      expect(stderr.trim().split('\n')).to.have.length(1);
    });
  }

  it('a file that is not there is named', async () => {
    const { code, stderr } = await understudy('restore', path('nothing'));
    expect([code, stderr]).to.deep.equal([1, `understudy: ${path('nothing')}: there is no such file or directory\n`]);
  });

  it('overwrites nothing that somebody writes meanwhile, and says how far it came', async () => {
    await using fresh = await startCluster({ servers: 1 });
    const other = fresh.client();
    async function* pairs() {
      yield { key: 'one', value: 'ours' };
      await other.put('two', 'theirs');
      yield { key: 'two', value: 'ours' };
    }
    const failure = await new Restore(fresh.client(), 2, {}).load(pairs()).then(String, String);
    expect(failure).to.equal(
      'Error: somebody else wrote "two" meanwhile; 1 of 2 keys are loaded: begin again with an empty cluster, ' +
        'a new one with empty data directories or this one with its keys deleted',
    );
    expect([await other.get('one'), await other.get('two')]).to.deep.equal(['ours', 'theirs']);
  });

  it('begins again with a later moment when the primary dies in the middle', async () => {
    await using failing = await startCluster({ servers: 2 });
    const client = failing.client();
    await Promise.all(Array.from({ length: 3_000 }, (_, n) => client.put(`key ${n}`, 'before')));
    const revisions: number[] = [];
    const snapshot = sinon.stub(client, 'snapshot').callsFake(async (options) => {
      const moment = await snapshot.wrappedMethod.call(client, options);
      revisions.push(moment.revision);
      if (revisions.length === 1) {
        await client.put('key 0', 'after');
        await failing.kill('primary');
      }
      return moment;
    });
    const remarks: string[] = [];
    const copied = await backup(client, path('twice'), {}, (text) => remarks.push(text));
    expect(remarks).to.deep.equal(['the server that held this moment is gone: beginning again with a later one']);
    expect([revisions.length, copied.revision, copied.keys]).to.deep.equal([2, revisions[1], 3_000]);
    const { pairs } = await openBackup(path('twice'));
    const written = new Map<string, string>();
    for await (const { key, value } of pairs) written.set(key, value);
    expect([written.size, written.get('key 0'), written.get('key 1')]).to.deep.equal([3_000, 'after', 'before']);
  });

  it('goes on with the next primary, and fails when nobody serves, without leaving a file', async () => {
    await using failing = await startCluster({ servers: 2 });
    const there = ['--monitor', failing.monitor];
    await failing.kill('primary');
    expect((await runHere('backup', path('after'), ...there)).code).to.equal(0);
    await failing.kill(failing.primary);
    const { code, stderr } = await runHere('backup', path('never'), ...there, '--timeout', '300');
    expect(code).to.equal(1);
    expect(stderr).to.match(/^understudy: .*TIMEOUT.*\n$/);
    expect(readdirSync(directory).filter((entry) => entry.startsWith('never'))).to.deep.equal([]);
    expect(existsSync(path('after'))).to.equal(true);
  });

  it('shows how far it is', () => {
    expect(copiedLine({ done: 250, keys: 1_000, elapsedMs: 1_000 })).to.equal(
      '[######..................] 25 %, 250/1,000 keys, 3.0 s left',
    );
    expect(copiedLine({ done: 0, keys: 0, elapsedMs: 1 })).to.equal('[########################] 100 %, 0/0 keys');
    expect([bytesInWords(512), bytesInWords(12_345_678)]).to.deep.equal(['512 bytes', '12.3 MB']);
  });
});
