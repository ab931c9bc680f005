import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Server, startServer } from '@understudy/kvservice';
import { type Monitor, startMonitor } from '@understudy/sysmonitor';
import { expect } from 'chai';
import { eventually, type Outcome, PROGRAM, runHere } from './command.ts';

const ANY_PORT = '127.0.0.1:0';

describe('one operation from the command line', () => {
  let monitor: Monitor;
  let server: Server;

  before(async () => {
    monitor = await startMonitor({ listen: ANY_PORT, newCluster: true });
    server = await startServer({ listen: ANY_PORT, monitors: monitor.address });
    await eventually('the server is primary', () => server.status().ready);
  });

  after(async () => {
    await server.kill();
    await monitor.close();
  });

  const understudy = (...args: string[]): Promise<Outcome> => runHere(...args, '--monitor', monitor.address);

  const succeeds = async (stdout: string | RegExp, ...args: string[]) => {
    const outcome = await understudy(...args);
    expect(outcome.stderr).to.equal('');
    expect(outcome.stdout).to.match(typeof stdout === 'string' ? new RegExp(`^${stdout}\n$`) : stdout);
    expect(outcome.code).to.equal(0);
  };

  const answers = async (expected: object, ...args: string[]) => {
    const outcome = await understudy(...args, '--json');
    expect(outcome.stderr).to.equal('');
    expect(JSON.parse(outcome.stdout)).to.deep.equal(expected);
    expect(outcome.code).to.equal(0);
  };

  it('puts and gets', async () => {
    await succeeds(/^revision \d+\n$/, 'put', 'greeting', 'hello');
    await succeeds('hello', 'get', 'greeting');
    await answers({ key: 'greeting', value: 'hello' }, 'get', 'greeting');
  });

  it('get of an absent key: one line on stderr and exit code 1; with --json a null', async () => {
    expect(await understudy('get', 'nobody')).to.deep.equal({
      code: 1,
      stdout: '',
      stderr: 'understudy: nobody: not found\n',
    });
    await answers({ key: 'nobody', value: null }, 'get', 'nobody');
  });

  it('values may be empty, begin with a dash, and hold anything', async () => {
    await succeeds(/revision/, 'put', 'empty', '');
    await succeeds('', 'get', 'empty');
    const dashed = await runHere('put', '--monitor', monitor.address, '--', 'flags', '-v');
    expect(dashed.code).to.equal(0);
    await succeeds('-v', 'get', 'flags');
    await succeeds(/revision/, 'put', 'ключ', 'line\nline ☃');
    await succeeds('line\nline ☃', 'get', 'ключ');
  });

  it('put KEY -: the value is read from stdin, as it is', async () => {
    const put = async (...chunks: (string | Uint8Array)[]) => {
      const child = spawn(process.execPath, [...PROGRAM, 'put', 'piped', '-', '--monitor', monitor.address]);
      let errors = '';
      child.stderr.on('data', (chunk: Buffer) => {
        errors += String(chunk);
      });
      for (const chunk of chunks) child.stdin.write(chunk);
      child.stdin.end();
      const [code] = await once(child, 'close');
      return { code, errors };
    };
    expect(await put('two ', 'lines\n', '☃\n')).to.deep.equal({ code: 0, errors: '' });
    await succeeds('two lines\n☃\n', 'get', 'piped');
    const notText = await put(Buffer.from([0xff, 0xfe]));
    expect(notText).to.deep.equal({
      code: 1,
      errors: 'understudy: stdin: the value is not UTF-8; nothing was written\n',
    });
    await succeeds('two lines\n☃\n', 'get', 'piped');
  });

  it('appends', async () => {
    await succeeds(/^revision \d+\n$/, 'append', 'list', 'a');
    await succeeds(/^revision \d+\n$/, 'append', 'list', 'b');
    await succeeds('ab', 'get', 'list');
  });

  it('put-hash prints the value before', async () => {
    await succeeds('', 'put-hash', 'chain', '0');
    await succeeds('890022063', 'put-hash', 'chain', '1');
    await answers({ previous: '78513644' }, 'put-hash', 'chain', '2');
  });

  it('delete prints whether the key was there', async () => {
    await succeeds(/revision/, 'put', 'short-lived', '1');
    await succeeds('true', 'delete', 'short-lived');
    await succeeds('false', 'delete', 'short-lived');
    await answers({ deleted: false }, 'delete', 'short-lived');
  });

  it('cas exits 0 when it swapped, 1 when not', async () => {
    await succeeds(/revision/, 'put', 'state', 'old');
    await succeeds('true', 'cas', 'state', 'old', 'new');
    expect(await understudy('cas', 'state', 'old', 'new')).to.deep.equal({ code: 1, stdout: 'false\n', stderr: '' });
    await answers({ swapped: false }, 'cas', 'state', 'old', 'new');
  });

  it('cas --absent WORD creates and deletes', async () => {
    await succeeds('true', 'cas', 'lock', '-', 'me', '--absent', '-');
    expect((await understudy('cas', 'lock', '-', 'you', '--absent', '-')).code).to.equal(1);
    await succeeds('true', 'cas', 'lock', 'me', '-', '--absent', '-');
    expect((await understudy('get', 'lock')).code).to.equal(1);
  });

  it('scans, in key order', async () => {
    for (const key of ['fruit/pear', 'fruit/apple', 'vegetable/leek']) await understudy('put', key, `a ${key}`);
    await succeeds('fruit/apple\ta fruit/apple\nfruit/pear\ta fruit/pear', 'scan', 'fruit/');
    await succeeds('fruit/apple\ta fruit/apple', 'scan', 'fruit/', '--limit', '1');
    const { stdout } = await understudy('scan', '--json');
    const { entries } = JSON.parse(stdout) as { entries: readonly { key: string; revision: number }[] };
    expect(entries.map(({ key }) => key)).to.include.members(['fruit/apple', 'vegetable/leek']);
    expect(entries[0]?.revision).to.be.greaterThan(0);
    await answers({ entries: [] }, 'scan', 'mineral/');
    expect((await understudy('scan', 'mineral/')).stdout).to.equal('');
  });

  it('takes the monitor from UNDERSTUDY_MONITOR', async () => {
    process.env.UNDERSTUDY_MONITOR = monitor.address;
    try {
      expect((await runHere('put', 'from', 'environment')).code).to.equal(0);
    } finally {
      delete process.env.UNDERSTUDY_MONITOR;
    }
  });

  it('refuses an empty key as wrong usage, and one that is too long as too large', async () => {
    const empty = await understudy('put', '', 'v');
    expect(empty.code).to.equal(2);
    expect(empty.stderr).to.match(/^understudy: key[^\n]*\n$/);
    const long = await understudy('put', 'k'.repeat(1_025), 'v');
    expect(long.code).to.equal(1);
    expect(long.stderr).to.match(/^understudy: key[^\n]*\(TOO_LARGE, definitely not done\)\n$/);
  });

  it('status shows the view and every server', async () => {
    const { code, stdout } = await understudy('status');
    expect(code).to.equal(0);
    expect(stdout).to.match(new RegExp(`^view 1: primary ${server.address}, no backup`));
    expect(stdout).to.match(/SERVER +ROLE +STATE +REVISION +LAG +KEYS +LAST PING/);
    expect(stdout).to.match(new RegExp(`^${server.address} +primary +ok +\\d+ +- +\\d+ +[\\d.]+ m?s ago$`, 'm'));
  });

  it('status --json has the view, and of each server role, revision, lag and last ping', async () => {
    const { code, stdout } = await understudy('status', '--json');
    expect(code).to.equal(0);
    const report = JSON.parse(stdout);
    expect(report.view).to.include({ viewnum: 1, primary: server.address });
    expect(report.acknowledged).to.equal(true);
    expect(report.servers).to.have.length(1);
    expect(report.servers[0]).to.include({ server: server.address, role: 'primary', lag: null, ready: true });
    expect(report.servers[0].revision).to.equal(server.status().commitIndex);
    expect(report.servers[0].lastPingMs).to.be.at.least(0);
  });
});

describe('one operation, without a cluster', () => {
  it('a write that never left is definitely not done', async () => {
    const { code, stdout, stderr } = await runHere('put', 'a', '1', '--monitor', '127.0.0.1:1', '--timeout', '200');
    expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
    expect(stderr).to.match(/^understudy: [^\n]+ \(TIMEOUT, definitely not done\)\n$/);
  });

  it('a read says nothing of what is done', async () => {
    const { code, stderr } = await runHere('get', 'a', '--monitor', '127.0.0.1:1', '--timeout', '200');
    expect(code).to.equal(1);
    expect(stderr).to.match(/^understudy: [^\n]+ \(TIMEOUT\)\n$/);
  });

  it('status says that no monitor answers', async () => {
    const { code, stdout, stderr } = await runHere('status', '--monitor', '127.0.0.1:1', '--timeout', '500');
    expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
    expect(stderr).to.match(/^understudy: [^\n]*127\.0\.0\.1:1[^\n]*\n$/);
  });
});
