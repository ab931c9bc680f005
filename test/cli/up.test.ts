import { mkdirSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { CommandProcess, eventually, isAlive, runHere } from './command.ts';

interface Member {
  readonly service: string;
  readonly address: string;
  readonly pid: number;
}

interface Happening {
  readonly kind: string;
  readonly member?: Member;
  readonly members?: readonly Member[];
  readonly again?: boolean;
  readonly record?: { readonly notice?: { readonly kind: string } };
}

/** A running `understudy up --json`, with what it has told so far. */
class Up {
  readonly command: CommandProcess;

  constructor(...args: string[]) {
    this.command = new CommandProcess('up', '--json', '--port', '0', ...args);
  }

  async members(): Promise<readonly Member[]> {
    const { members } = await this.happening(({ kind }) => kind === 'up');
    return members ?? [];
  }

  async happening(fits: (happening: Happening) => boolean): Promise<Happening> {
    return JSON.parse(await this.command.line((line) => fits(JSON.parse(line))));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.command[Symbol.asyncDispose]();
  }
}

const allGone = (members: readonly Member[]) => () => members.every(({ pid }) => !isAlive(pid));

describe('understudy up', function () {
  this.timeout(60_000);

  it('introduces its processes, tells what happens, and stops all of them on SIGINT with exit code 0', async () => {
    await using up = new CommandProcess('up', '--port', '0', '--servers', '2');
    const first = await up.line((line) => line.includes('monitor '));
    expect(first).to.match(/^ {2}monitor {2}127\.0\.0\.1:\d+ {2}pid \d+$/);
    await up.line((line) => /is primary now$/.test(line));
    await up.line((line) => /holds everything up to \d+ and counts from now on$/.test(line));
    await up.line((line) => /view \d+ acknowledged/.test(line));
    const pids = up.lines.flatMap((line) => /^ {2}(?:monitor|server) .*pid (\d+)$/.exec(line)?.[1] ?? []).map(Number);
    expect(pids).to.have.length(3);
    expect(pids.filter(isAlive)).to.deep.equal(pids);
    expect(up.lines.join('\n'), 'no colours but on a terminal').not.to.include('\u001b');
    up.signal('SIGINT');
    expect(await up.ended).to.deep.equal({ code: 0, signal: null });
    const [, address] = /(127\.0\.0\.1:\d+)/.exec(first) ?? [];
    expect(up.errors).to.deep.equal([`dashboard http://${address}/`]);
    expect(pids.filter(isAlive), 'orphans').to.deep.equal([]);
  });

  it('leaves no orphan when it is killed itself; one that stands still goes when it goes on', async () => {
    await using up = new Up('--servers', '2');
    const members = await up.members();
    expect(members.map(({ service }) => service)).to.deep.equal(['monitor', 'server', 'server']);
    const introduction = await up.happening(({ kind }) => kind === 'up');
    expect(introduction).to.deep.include({ dashboard: `http://${members[0]?.address}/` });
    expect(up.command.errors, 'programs read stdout').to.deep.equal([]);
    const still = members[2]?.pid ?? 0;
    process.kill(still, 'SIGSTOP');
    up.command.signal('SIGKILL');
    await eventually('the others are gone', allGone(members.filter(({ pid }) => pid !== still)));
    process.kill(still, 'SIGCONT');
    await eventually('all are gone', allGone(members));
  });

  it('kills a process that stands still when it stops', async () => {
    await using up = new Up('--servers', '1');
    const members = await up.members();
    process.kill(members[1]?.pid ?? 0, 'SIGSTOP');
    up.command.signal('SIGTERM');
    expect((await up.command.ended).code).to.equal(0);
    expect(allGone(members)()).to.equal(true);
  });

  it('starts a killed server again, empty, and the data comes back to it', async () => {
    await using up = new Up('--servers', '2');
    const [monitor, first] = await up.members();
    const at = ['--monitor', monitor?.address ?? ''];
    await up.happening(({ record }) => record?.notice?.kind === 'synced');
    expect((await runHere('put', 'a', '1', ...at)).code).to.equal(0);
    process.kill(first?.pid ?? 0, 'SIGKILL');
    expect((await runHere('put', 'b', '2', ...at)).code).to.equal(0);
    const ended = await up.happening(({ kind }) => kind === 'ended');
    expect(ended).to.deep.include({ member: first, restarts: 'empty' });
    const again = await up.happening((happening) => happening.again === true);
    expect(again.member).to.include({ service: 'server', address: first?.address });
    await eventually('it is in sync', async () => {
      const { stdout } = await runHere('status', '--json', ...at);
      const { view, acknowledged } = JSON.parse(stdout);
      return acknowledged && view.backups.includes(first?.address) && view.syncing.length === 0;
    });
    expect((await runHere('get', 'a', ...at)).stdout).to.equal('1\n');
    expect((await runHere('get', 'b', ...at)).stdout).to.equal('2\n');
  });

  it('--no-restart leaves a killed server dead', async () => {
    await using up = new Up('--servers', '2', '--no-restart');
    const [, first] = await up.members();
    process.kill(first?.pid ?? 0, 'SIGKILL');
    expect(await up.happening(({ kind }) => kind === 'ended')).to.deep.include({ member: first, restarts: 'no' });
  });

  it('a busy port: one clear line, exit code 1, nothing left running', async () => {
    await using other = new CommandProcess('monitor', '--new', '--listen', '0');
    const port = Number((await other.address()).split(':')[1]);
    // The monitor finds a free port below, the first server does not.
    await using up = new CommandProcess('up', '--port', String(port - 1));
    expect((await up.ended).code).to.equal(1);
    expect(up.lines).to.deep.equal([]);
    expect(up.errors).to.have.length(1);
    expect(up.errors[0]).to.match(/^understudy: .*127\.0\.0\.1:\d+.*--port/);
  });

  it('refuses data that belong to another port, and names that', async () => {
    const data = await mkdtemp(join(tmpdir(), 'understudy-up-'));
    for (const name of ['monitor', 'server-7003', 'server-7001', 'server-7002']) mkdirSync(join(data, name));
    const { code, stdout, stderr } = await runHere('up', '--data', data, '--port', '7100');
    const names = readdirSync(data);
    await rm(data, { recursive: true });
    expect([code, stdout]).to.deep.equal([1, '']);
    expect(stderr).to.equal(
      `understudy: ${data} holds the data of a cluster with --port 7000, and data belong to their ports: ` +
        'start it with that port, or take another directory\n',
    );
    expect(names).to.have.length(4);
  });

  it('recommends no other port where it is the data that are in use', async () => {
    const data = await mkdtemp(join(tmpdir(), 'understudy-up-'));
    {
      await using other = new CommandProcess('monitor', '--listen', '0', '--new', '--data', join(data, 'monitor'));
      const port = Number((await other.address()).split(':')[1]);
      await using up = new CommandProcess('up', '--data', data, '--port', String(port - 10));
      expect((await up.ended).code).to.equal(1);
      expect(up.errors).to.deep.equal([
        `understudy: ${join(data, 'monitor')} is in use by another process (STORE_IN_USE)`,
      ]);
    }
    await rm(data, { recursive: true });
  });
});
