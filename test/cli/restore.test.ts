/** What `understudy restore` says of files that it cannot take, and of a restore that was ended early. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { startCluster } from '@understudy/testkit';
import { expect } from 'chai';
import { BackupWriter } from '../../packages/cli/src/copy/backup-writer.ts';
import { CommandProcess, eventually, runHere } from './command.ts';

const HEADER = '{"format":"understudy-backup","version":1,"revision":1,"keys":0,"taken":"2026-01-01T00:00:00.000Z"}\n';

describe('understudy restore', function () {
  this.timeout(60_000);

  let directory: string;

  const path = (name: string) => join(directory, name);
  /** Nobody listens there: whoever asked it would say so. */
  const refusal = async (file: string) => {
    const { code, stderr } = await runHere('restore', file, '--monitor', '127.0.0.1:1');
    expect(code).to.equal(1);
    return stderr.replace('understudy: ', '').replace(`${file} `, '').trimEnd();
  };

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'understudy-restore-'));
  });

  after(() => rm(directory, { recursive: true, force: true }));

  it('refuses what it cannot read twice', async () => {
    execFileSync('mkfifo', [path('pipe')]);
    const why = 'a backup is read twice, so it must be a regular file';
    expect(await refusal(path('pipe'))).to.equal(`is a pipe: ${why}`);
    expect(await refusal(directory)).to.equal(`is a directory: ${why}`);
    expect(await refusal('/dev/null')).to.equal(`is a device: ${why}`);
  });

  const compressed = 'is no backup of this service: it is compressed, and has to be uncompressed first (gunzip)';
  const files: readonly (readonly [string, string | Buffer, string])[] = [
    ['compressed', gzipSync('a'), compressed],
    ['compressed, with a newline somewhere', Buffer.concat([gzipSync(HEADER), Buffer.from('\n')]), compressed],
    ['cut off in its first line', HEADER.slice(0, 50), 'is cut off: its first line has no end'],
    ['cut off in its first word', HEADER.slice(0, 5), 'is cut off: its first line has no end'],
    ['another text without a line', 'text', 'is no backup of this service'],
    [
      'without a version',
      HEADER.replace('"version":1,', ''),
      'was altered: its first line does not say which format it has',
    ],
  ];
  for (const [what, content, message] of files) {
    it(`says of a file that is ${what} what is wrong with it`, async () => {
      writeFileSync(path('wrong'), content);
      expect(await refusal(path('wrong'))).to.equal(message);
    });
  }

  it('says on Ctrl-C that at least so many keys are loaded, no more than there are', async () => {
    const file = path('large');
    const keys = 50_000;
    const writer = await BackupWriter.open(file, { revision: 1, keys, taken: '2026-01-01T00:00:00.000Z' });
    for (let n = 0; n < keys; n++) await writer.add({ key: `key ${n}`, value: 'x'.repeat(200) });
    await writer.finish();
    await using cluster = await startCluster({ servers: 1 });
    const kv = cluster.client();
    await using command = new CommandProcess('restore', file, '--monitor', cluster.monitor);
    await eventually('some are loaded', async () => (await kv.get('key 100')) !== undefined);
    command.signal('SIGINT');
    expect(await command.ended).to.deep.equal({ code: 1, signal: null });
    const [, told] =
      /^understudy: interrupted; at least ([\d,]+) of 50,000 keys are loaded: begin again with an empty/.exec(
        command.errors.join('\n'),
      ) ?? [command.errors.join('\n')];
    let loaded = 0;
    for await (const _ of kv.scan()) loaded += 1;
    expect(Number(told?.replaceAll(',', '')), command.errors.join('\n')).to.be.within(1, loaded);
  });
});
