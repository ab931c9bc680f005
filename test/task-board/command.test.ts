import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { ServiceStatus } from '../../examples/task-board/service-watch.ts';
import { eventually, isAlive, isBuilt } from '../cli/command.ts';

const MAIN = fileURLToPath(new URL('../../examples/task-board/main.ts', import.meta.url));
const FLAGS = ['--import=tsx', ...(isBuilt() ? [] : ['--conditions=understudy-source'])];

/** Those that run. A test run that is cut off leaves none behind. */
const RUNNING = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of RUNNING) child.kill('SIGKILL');
});

class Command {
  readonly process: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly url: Promise<string>;
  output = '';

  constructor(...args: string[]) {
    this.process = spawn(process.execPath, [...FLAGS, MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    RUNNING.add(this.process);
    this.ended = once(this.process, 'close').then(([code]) => {
      RUNNING.delete(this.process);
      return code;
    });
    const { stdout, stderr } = this.process;
    if (stdout === null || stderr === null) throw new Error('the process has no output to read');
    const url = new Promise<string>((resolve) => {
      createInterface({ input: stdout }).on('line', (line) => {
        this.output += `${line}\n`;
        const found = / at (http:\S+)/.exec(line)?.[1];
        if (found !== undefined) resolve(found);
      });
    });
    stderr.on('data', (text) => (this.output += text));
    const failed = this.ended.then((code) => Promise.reject(new Error(`ended with ${code}: ${this.output}`)));
    this.url = Promise.race([url, failed]);
    this.url.catch(() => {});
  }

  get pids(): number[] {
    return [...this.output.matchAll(/^ {2}(?:monitor|server) .* pid (\d+)$/gm)].map((match) => Number(match[1]));
  }

  async status(): Promise<ServiceStatus> {
    return (await (await fetch(new URL('/status', await this.url))).json()) as ServiceStatus;
  }
}

describe('the task board from the command line', function () {
  this.timeout(60_000);

  it('goes on when the primary is killed, starts it again, and ends all that it started on SIGTERM', async () => {
    const command = new Command('--port', '0');
    const tasks = new URL('/tasks', await command.url);
    const add = (title: string) =>
      fetch(tasks, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ title }),
      });
    const isWhole = ({ members }: ServiceStatus) =>
      ['primary', 'backup', 'reserve', 'monitor'].every((role) => members.some((it) => it.role === role));
    await eventually('all are in their places', async () => isWhole(await command.status()));
    expect((await add('before')).status).to.equal(201);

    const victim = (await command.status()).members.find(({ role }) => role === 'primary')?.pid ?? 0;
    expect(command.pids).to.have.length(4).and.include(victim);
    process.kill(victim, 'SIGKILL');
    expect((await add('after')).status).to.equal(201);
    const { tasks: kept } = (await (await fetch(tasks)).json()) as {
      readonly tasks: readonly { readonly title: string }[];
    };
    expect(kept.map(({ title }) => title)).to.deep.equal(['before', 'after']);

    await eventually('all are in their places again', async () => isWhole(await command.status()), 15_000);
    const pids = (await command.status()).members.map(({ pid }) => pid ?? 0);
    expect(pids).to.have.length(4).and.not.include(victim);
    command.process.kill('SIGTERM');
    expect(await command.ended, command.output).to.equal(0);
    expect(pids.filter(isAlive), 'orphans').to.deep.equal([]);
  });

  it('leaves nothing behind when it is killed itself', async () => {
    const command = new Command('--port', '0');
    await command.url;
    await eventually('it has told all', () => command.pids.length === 4);
    command.process.kill('SIGKILL');
    await eventually('all are gone', () => !command.pids.some(isAlive));
  });

  it('explains itself, and says in one line what is wrong', async () => {
    const help = new Command('--help');
    expect(await help.ended).to.equal(0);
    expect(help.output).to.contain('--port').and.contain('--monitor');
    const table = [
      [['--prot', '1'], '--prot'],
      [['--port', 'x'], '--port'],
      [['--port', '65536'], '--port'],
    ] as const;
    const check = async (args: readonly string[], word: string): Promise<void> => {
      const wrong = new Command(...args);
      expect(await wrong.ended, args.join(' ')).to.equal(2);
      expect(wrong.output)
        .to.match(/^task-board: .*\n$/)
        .and.contain(word);
    };
    await Promise.all(table.map(([args, word]) => check(args, word)));
  });
});
