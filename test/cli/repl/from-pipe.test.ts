import { type Cluster, startCluster } from '@understudy/testkit';
import { expect } from 'chai';
import { CommandProcess } from '../command.ts';
import { PERHAPS_NO_ANSWER, withoutFailovers } from './failovers.ts';

interface Result {
  readonly code: number | null;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

describe('understudy repl with a script, as a process', function () {
  this.timeout(60_000);

  let cluster: Cluster;

  before(async () => {
    cluster = await startCluster({ servers: 3 });
  });

  after(() => cluster.close());

  const start = (...options: readonly string[]) => new CommandProcess('repl', '--monitor', cluster.monitor, ...options);

  async function play(script: string, ...options: readonly string[]): Promise<Result> {
    await using repl = start(...options);
    repl.type(script);
    repl.endInput();
    const { code } = await repl.ended;
    return { code, stdout: repl.lines, stderr: withoutFailovers(repl.errors) };
  }

  it('does the commands in order, answers as they do in a shell, and echoes nothing', async () => {
    const script = `# a script
put s/1 "one two"

get s/1
append s/2 x
  get s/2
cas s/2 x y
put-hash s/3 0
scan s/ --limit 2
delete s/1
help exit
get s/2`;
    const { code, stdout, stderr } = await play(script);
    expect(stderr).to.deep.equal([]);
    expect(stdout.map((line) => line.replace(/revision \d+/, 'revision'))).to.deep.equal([
      'revision',
      'one two',
      'revision',
      'x',
      'true',
      '',
      's/1\tone two',
      's/2\ty',
      'true',
      'exit',
      '  Leave; so does Ctrl-D.',
      'y',
    ]);
    expect(code).to.equal(0);
  });

  it('goes on after a failure, names its line, and exits 1', async () => {
    const { code, stdout, stderr } = await play('get none\ngte x\nput a "1\n\nput a 1\ncas a 2 3\nput a\nget a\n');
    expect(stderr).to.deep.equal([
      'understudy: line 1: none: not found',
      'understudy: line 2: there is no command "gte"; did you mean get?',
      'understudy: line 3: the quote is never closed: "1',
      'understudy: line 7: put: VALUE is missing; usage: put KEY VALUE',
    ]);
    expect(stdout.slice(1)).to.deep.equal(['false', '1']);
    expect(code).to.equal(1);
  });

  it('a cas that did not swap alone makes it exit 1; with --json neither that nor an absent key does', async () => {
    const script = 'put a 1\ncas a 2 3\nget none\n';
    expect((await play('put a 1\ncas a 2 3')).code).to.equal(1);
    const { code, stdout, stderr } = await play(`${script}scan a\nscan none`, '--json');
    expect(stderr).to.deep.equal([]);
    const [put, ...others] = stdout.map((line) => JSON.parse(line));
    const { revision } = put;
    expect(others).to.deep.equal([
      { swapped: false },
      { key: 'none', value: null },
      { entries: [{ key: 'a', value: '1', revision }] },
      { entries: [] },
    ]);
    expect(code).to.equal(0);
  });

  it('--bail ends it at the first failure', async () => {
    const { code, stdout, stderr } = await play('get none\nput bailed 1\n', '--bail');
    expect({ code, stdout, errors: stderr.length }).to.deep.equal({ code: 1, stdout: [], errors: 1 });
  });

  it('`exit` ends it at once, though the pipe stays open', async () => {
    await using repl = start();
    repl.type('get none\nexit\nput a 1\n');
    expect(await repl.ended).to.deep.equal({ code: 1, signal: null });
    await using good = start();
    good.type('exit\n');
    expect(await good.ended).to.deep.equal({ code: 0, signal: null });
  });

  it('an empty script is done', async () => {
    expect(await play('')).to.deep.equal({ code: 0, stdout: [], stderr: [] });
  });

  it('goes through a failover, tells it on stderr, and does every command once', async () => {
    await using repl = start();
    repl.type('put f start\n');
    await repl.line((line) => line.startsWith('revision'));
    const dead = await cluster.kill('primary');
    repl.type(`${Array.from({ length: 10 }, (_, n) => `append f ${n}`).join('\n')}\nget f\n`);
    expect(await repl.line((line) => line.startsWith('start'))).to.equal('start0123456789');
    repl.endInput();
    expect((await repl.ended).code).to.equal(0);
    expect(repl.errors.find((line) => line.startsWith(`primary ${dead} is gone`))).to.match(
      new RegExp(`^[^,]*, asking the monitor \\.\\.\\.${PERHAPS_NO_ANSWER} now ${cluster.primary}, view \\d+$`),
    );
    expect(withoutFailovers(repl.errors)).to.deep.equal([]);
    await cluster.restart(dead);
    await cluster.waitUntilInSync();
  });

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    it(`${signal} cancels what is under way, says so, leaves the rest undone, and exits 1`, async () => {
      await using cut = await startCluster({ servers: 1 });
      await using repl = new CommandProcess('repl', '--monitor', cut.monitor, '--timeout', '60000');
      repl.type('put a 1\n');
      await repl.line((line) => line.startsWith('revision'));
      await cut.kill('primary');
      repl.type('put a 2\nput a 3\n');
      // What it does is told in a line that has no end yet.
      await repl.text('is gone, asking the monitor ...');
      repl.signal(signal);
      expect(await repl.ended).to.deep.equal({ code: 1, signal: null });
      expect(repl.errors.at(1)).to.match(/^understudy: line 2: put: cancelled; it .* done$/);
      expect(repl.errors.at(2)).to.equal('understudy: stopped by a signal; nothing behind line 2 was done');
      expect(repl.errors).to.have.length(3);
    });
  }

  it('a signal ends it while it waits for its script', async () => {
    await using repl = start();
    repl.type('put w 1\n');
    await repl.line((line) => line.startsWith('revision'));
    repl.signal('SIGTERM');
    expect(await repl.ended).to.deep.equal({ code: 1, signal: null });
  });

  it('a reader that goes away does not hurt', async () => {
    const kv = cluster.client();
    for (let n = 0; n < 5; n += 1) await kv.put(`large/${n}`, 'x'.repeat(100_000));
    await using repl = start();
    repl.closeStdout();
    repl.type('scan large/\n'.repeat(10));
    repl.endInput();
    const { code } = await repl.ended;
    expect(repl.errors).to.deep.equal([]);
    expect(code).to.equal(0);
  });

  it('a text that is not UTF-8 is not stored as something else', async () => {
    await using repl = start();
    repl.type(Buffer.from('put enc \xff\nget enc\n', 'latin1'));
    repl.endInput();
    expect((await repl.ended).code).to.equal(1);
    expect(repl.errors).to.deep.equal([
      'understudy: line 1: the line is not UTF-8',
      'understudy: line 2: enc: not found',
    ]);
  });
});
