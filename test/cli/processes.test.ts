import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { httpRequest, sayHttp } from '../rpc/support/http.ts';
import { freePorts } from '../support/free-ports.ts';
import { CommandProcess, PROGRAM, runHere } from './command.ts';

describe('understudy monitor and understudy server, as processes', function () {
  this.timeout(60_000);

  it('print where they listen first, serve, log JSON on stderr, and leave on SIGTERM and SIGINT', async () => {
    await using monitor = new CommandProcess('monitor', '--new', '--listen', '0');
    const address = await monitor.address();
    expect(monitor.lines).to.deep.equal([`listening ${address}`]);
    expect(address).to.match(/^127\.0\.0\.1:[1-9]\d*$/);
    await using server = new CommandProcess('server', '--listen', '127.0.0.1:0', '--monitor', address);
    expect(await server.address()).to.match(/^127\.0\.0\.1:[1-9]\d*$/);

    expect((await runHere('put', 'a', '1', '--monitor', address)).code).to.equal(0);
    expect((await runHere('get', 'a', '--monitor', address)).stdout).to.equal('1\n');

    server.signal('SIGTERM');
    expect(await server.ended, 'no server that stays holds the data (V14)').to.deep.equal({ code: 1, signal: null });
    monitor.signal('SIGINT');
    expect(await monitor.ended).to.deep.equal({ code: 0, signal: null });

    // The last line is that of a command that fails.
    expect(server.errors.at(-1)).to.match(/^understudy: .*1 key is lost with this one/);
    for (const line of [...monitor.errors, ...server.errors.slice(0, -1)]) {
      expect(JSON.parse(line)).to.include.keys('level', 'time', 'service', 'msg');
    }
    expect(monitor.errors.map((line) => JSON.parse(line).msg)).to.include(`dashboard http://${address}/`);
  });

  it('say first which version runs, on which Node, where, and with which options', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../packages/cli/package.json', import.meta.url), 'utf8'));
    const before = process.env;
    process.env = { ...before, UNDERSTUDY_BACKUPS: '2', UNDERSTUDY_PRIORITY: '3' };
    await using monitor = new CommandProcess('monitor', '--new', '--listen', '0', '--no-dashboard');
    const monitors = await monitor.address();
    await using server = new CommandProcess('server', '--listen', '0', '--monitor', monitors);
    process.env = before;
    const own = await server.address();
    const expected = [
      [monitor, 'monitor', monitors, { new: true, listen: '127.0.0.1:0', backups: 2, 'no-dashboard': true }],
      [server, 'server', own, { listen: '127.0.0.1:0', monitor: [monitors], priority: 3, 'ping-interval': 100 }],
    ] as const;
    for (const [running, service, address, options] of expected) {
      const { msg, notice } = JSON.parse(await running.line(() => true, 'errors'));
      expect(msg).to.match(new RegExp(`^understudy ${version}, Node ${process.version}, ${service} at ${address}: --`));
      expect(notice).to.deep.include({ kind: 'starting', version, node: process.version, address });
      expect(notice.options).to.deep.include(options);
      expect(notice.options).not.to.have.any.keys('control', 'dashboard');
    }
  });

  it('a second signal ends a server at once that has somebody to wait for', async () => {
    await using monitor = new CommandProcess('monitor', '--new', '--listen', '0');
    const address = await monitor.address();
    await using primary = new CommandProcess('server', '--listen', '0', '--monitor', address);
    await primary.address();
    await using backup = new CommandProcess('server', '--listen', '0', '--monitor', address);
    await backup.address();
    await primary.line((line) => line.includes('"synced"'), 'errors');
    backup.signal('SIGSTOP');
    primary.signal('SIGTERM');
    await primary.line((line) => line.includes('"leaving"'), 'errors');
    primary.signal('SIGTERM');
    const { code } = await primary.ended;
    expect(code).to.equal(1);
  });

  it('a server under the names that it was given: its own, and those of --allow-host', async () => {
    await using monitor = new CommandProcess('monitor', '--new', '--listen', '0', '--allow-host', 'watch.example.test');
    const watch = await monitor.address();
    const names = ['--advertise', 'kv1.example.test:7555', '--allow-host', 'lb.example.test'];
    const address = `127.0.0.1:${(await freePorts(1))[0]}`;
    await using server = new CommandProcess('server', '--listen', address, '--monitor', watch, ...names);
    expect(await server.address()).to.equal('kv1.example.test:7555');
    const statusFor = async (to: string, host: string) =>
      (await sayHttp(to, httpRequest({ method: 'GET', path: '/metrics', headers: [`Host: ${host}`] }))).status;
    expect(await statusFor(address, 'kv1.example.test:7555')).to.equal(200);
    expect(await statusFor(address, 'lb.example.test')).to.equal(200);
    expect(await statusFor(address, 'watch.example.test')).to.equal(403);
    expect(await statusFor(watch, 'watch.example.test')).to.equal(200);
  });

  it('SIGHUP, as when a terminal is gone, leaves on purpose', async () => {
    await using monitor = new CommandProcess('monitor', '--new', '--listen', '0');
    await using server = new CommandProcess('server', '--listen', '0', '--monitor', await monitor.address());
    await server.line((line) => line.includes('"serving"'), 'errors');
    server.signal('SIGHUP');
    expect((await server.ended).code).to.equal(0);
    expect(server.errors.some((line) => line.includes('has left'))).to.equal(true);
    monitor.signal('SIGHUP');
    expect((await monitor.ended).code).to.equal(0);
  });

  it('a server whose monitor cannot be reached goes on trying, says so once, and comes when it is there', async () => {
    const [port] = await freePorts(1);
    await using server = new CommandProcess('server', '--listen', '0', '--monitor', `127.0.0.1:${port}`);
    await server.line((line) => line.includes('monitor-unreachable'), 'errors');
    // Ten more pings fail meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(server.errors.filter((line) => line.includes('monitor-unreachable'))).to.have.length(1);
    await using monitor = new CommandProcess('monitor', '--new', '--listen', String(port));
    await monitor.address();
    await server.line((line) => line.includes('"monitor-answers"'), 'errors');
    await server.line((line) => line.includes('"serving"'), 'errors');
  });

  for (const service of ['monitor', 'server']) {
    it(`${service}: a busy port is one clear line, and exit code 1`, async () => {
      await using first = new CommandProcess('monitor', '--new', '--listen', '0');
      const busy = await first.address();
      const monitor = service === 'server' ? ['--monitor', busy] : [];
      await using second = new CommandProcess(service, '--listen', busy, ...monitor);
      expect((await second.ended).code).to.equal(1);
      expect(second.lines).to.deep.equal([]);
      const complaints = second.errors.filter((line) => !line.startsWith('{'));
      expect(complaints).to.have.length(1);
      expect(complaints[0]).to.match(/^understudy: .*127\.0\.0\.1:\d+/);
    });
  }

  it('a reader that goes away does not hurt: understudy scan | head', async () => {
    await using monitor = new CommandProcess('monitor', '--new', '--listen', '0');
    const address = await monitor.address();
    await using server = new CommandProcess('server', '--listen', '0', '--monitor', address);
    await server.address();
    const value = 'x'.repeat(100_000);
    for (let number = 0; number < 5; number += 1) await runHere('put', `k${number}`, value, '--monitor', address);
    await using scan = new CommandProcess('scan', '--monitor', address);
    scan.closeStdout();
    const { code } = await scan.ended;
    expect(scan.errors).to.deep.equal([]);
    expect(code).to.equal(0);
  });

  it('whose stdout takes no more, as on a full disk, end with one line on stderr and exit code 1', () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [...PROGRAM, '--version'], {
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    expect(status).to.equal(1);
    expect(String(stderr)).to.equal('understudy: stdout: ENOSPC: no space left on device, write\n');
  });
});
