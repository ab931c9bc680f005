/** The log of no process can be written: its disk is full, its file may grow no more, or nobody reads it. Real processes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, truncateSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import { CommandProcess, eventually, PROGRAM, runHere } from '../cli/command.ts';
import { FullPipe } from '../cli/output/full-pipe.ts';
import { scrape } from '../metrics/scrape.ts';
import { freePorts } from '../support/free-ports.ts';

/** Longer than the second that a process gives its last records, by far. */
const END_WITHIN_MS = 10_000;

class Logging {
  readonly address: Promise<string>;
  readonly ended: Promise<unknown[]>;
  readonly #process: ChildProcess;

  /** @param stderr A descriptor. @param fileBytes No file that it writes may grow beyond that. */
  constructor(stderr: number, args: readonly string[], fileBytes?: number) {
    const command = [process.execPath, ...PROGRAM, ...args];
    const words = fileBytes === undefined ? command : ['prlimit', `--fsize=${fileBytes}`, ...command];
    this.#process = spawn(words[0] ?? '', words.slice(1), { stdio: ['ignore', 'pipe', stderr] });
    this.ended = once(this.#process, 'exit');
    const lines = createInterface({ input: this.#process.stdout ?? process.stdin });
    this.address = once(lines, 'line').then(([line]) => String(line).replace('listening ', ''));
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }
}

describe('27: no process blocks or ends because of its log', function () {
  this.timeout(120_000);

  let directory: string;
  let running: Logging[];
  let finish: (() => void)[];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'understudy-27-'));
    running = [];
    finish = [];
  });
  afterEach(async () => {
    for (const one of running) one.kill('SIGKILL');
    await Promise.all(running.map(({ ended }) => ended));
    for (const action of finish) action();
    await rm(directory, { recursive: true, force: true });
  });

  const start = async (stderr: number, args: readonly string[], fileBytes?: number) => {
    const started = new Logging(stderr, args, fileBytes);
    running.push(started);
    return { process: started, address: await started.address };
  };

  const opened = (path: string, flags: string) => {
    const fd = openSync(path, flags);
    finish.push(() => closeSync(fd));
    return fd;
  };

  /** Starts a monitor and three servers, kills the primary, and expects service, and a clean end; gives the addresses of those that ended. */
  const serves = async (stderrOf: (number: number) => number, beforeEnd: (addresses: readonly string[]) => unknown) => {
    const monitor = await start(stderrOf(0), ['monitor', '--new', '--listen', '0']);
    const servers: (typeof monitor)[] = [];
    for (const number of [1, 2, 3]) {
      servers.push(await start(stderrOf(number), ['server', '--listen', '0', '--monitor', monitor.address]));
    }
    const understudy = (...args: string[]) => runHere(...args, '--monitor', monitor.address);
    const statusOf = async () => JSON.parse((await understudy('status', '--json')).stdout);
    await eventually('a backup is in sync', async () => {
      const { view, acknowledged } = await statusOf();
      return acknowledged && view.backups.length === 1 && view.syncing.length === 0;
    });
    expect((await understudy('put', 'a', '1')).code).to.equal(0);
    const { primary } = (await statusOf()).view;
    const dead = servers.find(({ address }) => address === primary);
    dead?.process.kill('SIGKILL');
    expect((await understudy('get', 'a')).stdout).to.equal('1\n');
    expect((await understudy('put', 'a', '2')).code).to.equal(0);
    // The last server that holds the data says what is lost when it leaves (V14), and the monitor holds none.
    const others = [...servers.filter((server) => server !== dead), monitor];
    await beforeEnd(others.map(({ address }) => address));
    for (const { process: one } of others) {
      one.kill('SIGTERM');
      const patience = setTimeout(() => one.kill('SIGKILL'), END_WITHIN_MS);
      const [code, signal] = await one.ended;
      expect(signal).to.equal(null);
      expect(code).to.be.oneOf(one === monitor.process ? [0] : [0, 1]);
      clearTimeout(patience);
    }
  };

  const dropped = async (address: string) => (await scrape(address)).get('understudy_log_records_dropped_total') ?? -1;

  it('the disk of the log is full: a failover goes on, and the metric counts what is dropped', () =>
    serves(
      () => opened('/dev/full', 'w'),
      async (addresses) => {
        for (const address of addresses) expect(await dropped(address), address).to.be.above(2);
      },
    ));

  it('nobody reads the pipe of the log, which is full', async () => {
    const pipes: FullPipe[] = [];
    const fullPipe = (number: number) => {
      const pipe = new FullPipe(directory, `pipe-${number}`);
      finish.push(() => pipe[Symbol.dispose]());
      pipes.push(pipe);
      return pipe.fd;
    };
    await serves(fullPipe, () => {});
    for (const pipe of pipes) expect(pipe.read()).to.match(/^x+\n$/);
  });

  it('one line tells of the gap when the log can be written again, and no line is torn', async () => {
    const path = join(directory, 'log');
    const log = opened(path, 'a');
    // The file may have 700 bytes: two records, and a part of another one.
    const monitor = await start(log, ['monitor', '--new', '--listen', '0'], 700);
    const server = await start(opened('/dev/null', 'w'), ['server', '--listen', '0', '--monitor', monitor.address]);
    await eventually('records are dropped', async () => (await dropped(monitor.address)) > 0);
    await eventually('a view', async () =>
      (await runHere('status', '--monitor', monitor.address)).stdout.includes(server.address),
    );
    const before = readFileSync(path, 'utf8');
    expect(before).not.to.match(/\n$/);
    truncateSync(path);
    await eventually('the gap is told', () => readFileSync(path, 'utf8').includes('log-gap'));
    const told = before + readFileSync(path, 'utf8');
    const lines = told.slice(0, told.indexOf('\n', told.indexOf('log-gap'))).split('\n');
    const gaps = lines.map((line) => JSON.parse(line)).filter(({ notice }) => notice.kind === 'log-gap');
    expect(gaps.map(({ notice }) => notice.dropped)).to.deep.equal([await dropped(monitor.address)]);
    expect(gaps[0].msg).to.match(/^the log can be written again: \d+ records? dropped \(EFBIG/);
  });

  it('a standing reader of `up` holds up neither the processes nor the end', async () => {
    using pipe = new FullPipe(directory, 'up');
    const [port = 0] = await freePorts(3);
    const up = spawn(process.execPath, [...PROGRAM, 'up', '--json', '--port', String(port), '--servers', '2'], {
      stdio: ['ignore', pipe.fd, 'ignore'],
    });
    const ended = once(up, 'exit');
    finish.push(() => void up.kill('SIGKILL'));
    const status = () => runHere('status', '--json', '--monitor', String(port));
    const isInSync = async () => {
      const { code, stdout } = await status();
      return code === 0 && JSON.parse(stdout).acknowledged && JSON.parse(stdout).view.backups.length === 1;
    };
    await eventually('a backup is in sync', isInSync, 60_000);
    up.kill('SIGTERM');
    expect(await ended).to.deep.equal([0, null]);
    expect(pipe.read()).to.match(/^x+\n$/);
  });

  it('a server whose stdout takes nothing serves on', async () => {
    await using monitor = new CommandProcess('monitor', '--new', '--listen', '0');
    const address = await monitor.address();
    const full = opened('/dev/full', 'w');
    const server = spawn(process.execPath, [...PROGRAM, 'server', '--listen', '0', '--monitor', address], {
      stdio: ['ignore', full, 'ignore'],
    });
    const ended = once(server, 'exit');
    finish.push(() => void server.kill('SIGKILL'));
    await monitor.line((line) => line.includes('is the first server'), 'errors');
    expect((await runHere('put', 'a', '1', '--monitor', address)).code).to.equal(0);
    server.kill('SIGTERM');
    expect(await ended, 'it alone holds the data (V14)').to.deep.equal([1, null]);
  });
});
