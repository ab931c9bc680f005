/** Where `understudy backup` writes: what it refuses, what it leaves behind, and two of them at one file. */
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, startCluster } from '@understudy/testkit';
import { expect } from 'chai';
import { verifyBackup } from '../../packages/cli/src/copy/backup-reader.ts';
import { BackupWriter } from '../../packages/cli/src/copy/backup-writer.ts';
import { CommandProcess, eventually, runHere } from './command.ts';

const MOMENT = { revision: 1, keys: 2, taken: '2026-01-01T00:00:00.000Z' };

describe('the file of understudy backup', function () {
  this.timeout(60_000);

  let directory: string;

  const path = (name: string) => join(directory, name);
  const left = () => readdirSync(directory).sort();
  /** Nobody listens there: whoever asked it would say so. */
  const refusal = async (...args: readonly string[]) => runHere('backup', ...args, '--monitor', '127.0.0.1:1');

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'understudy-target-'));
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('is whole after each of two that are written at once', async () => {
    const file = path('file');
    const first = await BackupWriter.open(file, MOMENT);
    const second = await BackupWriter.open(file, MOMENT);
    for (const key of ['a', 'b']) {
      await first.add({ key, value: 'of the first'.repeat(50_000) });
      await second.add({ key, value: 'of the second' });
    }
    for (const [writer, value] of [
      [first, 'of the first'],
      [second, 'of the second'],
    ] as const) {
      await writer.finish();
      await writer[Symbol.asyncDispose]();
      await verifyBackup(file);
      expect(readFileSync(file, 'utf8')).to.include(value);
    }
    expect(left()).to.deep.equal(['file']);
  });

  it('is beside what a backup that was killed has left', async () => {
    writeFileSync(path('file.partial'), 'left');
    const writer = await BackupWriter.open(path('file'), { ...MOMENT, keys: 0 });
    await writer.finish();
    await verifyBackup(path('file'));
    expect(left()).to.deep.equal(['file', 'file.partial']);
    expect(readFileSync(path('file.partial'), 'utf8')).to.equal('left');
  });

  it('is not left in parts when it cannot get its name', async () => {
    mkdirSync(path('file'));
    {
      await using writer = await BackupWriter.open(path('file'), MOMENT);
      expect(await writer.finish().then(String, String)).to.match(/EISDIR|ENOTEMPTY|EPERM/);
    }
    expect(left()).to.deep.equal(['file']);
  });

  it('is no directory, pipe or device, with --force neither', async () => {
    mkdirSync(path('folder'));
    execFileSync('mkfifo', [path('pipe')]);
    symlinkSync('/dev/null', path('null'));
    for (const force of [[], ['--force']]) {
      for (const [name, kind] of [
        ['folder', 'directory'],
        ['pipe', 'pipe'],
        ['null', 'device'],
      ]) {
        expect(await refusal(path(name ?? ''), ...force)).to.deep.equal({
          code: 1,
          stdout: '',
          stderr: `understudy: ${path(name ?? '')} is a ${kind}: a backup is a regular file, give the name of one\n`,
        });
      }
    }
    expect(left()).to.deep.equal(['folder', 'null', 'pipe']);
  });

  it('is not stdout: `-` is wrong usage', async () => {
    const { code, stdout, stderr } = await refusal('-');
    expect([code, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.match(/^understudy: a backup goes to a file, not to stdout: [^\n]*\n$/);
  });

  it('is not where a link leads that leads nowhere', async () => {
    symlinkSync(path('nowhere'), path('link'));
    const { code, stderr } = await refusal(path('link'), '--force');
    expect([code, stderr]).to.deep.equal([1, `understudy: ${path('link')}: there is no such file or directory\n`]);
  });

  describe('of a cluster', () => {
    let cluster: Cluster;

    before(async () => {
      cluster = await startCluster({ servers: 1 });
      const kv = cluster.client();
      await Promise.all(Array.from({ length: 5_000 }, (_, n) => kv.put(`key ${n}`, 'x'.repeat(2_000))));
    });

    after(() => cluster.close());

    it('is the one that a link leads to: the link stays', async () => {
      writeFileSync(path('old'), 'old');
      symlinkSync(path('old'), path('link'));
      const { code, stderr } = await runHere('backup', path('link'), '--force', '--monitor', cluster.monitor);
      expect([code, stderr]).to.deep.equal([0, '']);
      expect(lstatSync(path('link')).isSymbolicLink()).to.equal(true);
      await verifyBackup(path('old'));
    });

    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      it(`is not left in parts by ${signal}, which is told`, async () => {
        const file = path('cut');
        await using command = new CommandProcess('backup', file, '--monitor', cluster.monitor);
        await eventually('it has begun', () => left().length > 0);
        command.signal(signal);
        expect(await command.ended).to.deep.equal({ code: 1, signal: null });
        expect(command.errors).to.deep.equal([`understudy: interrupted: ${file} was not written`]);
        expect(left()).to.deep.equal([]);
      });
    }
  });
});
