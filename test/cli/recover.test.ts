/** `understudy monitor --recover`: what an operator is shown and asked, and what comes of the answer. */
import { PassThrough } from 'node:stream';
import { type Monitor, type MonitorOptions, type Ping, startMonitor, type View } from '@understudy/sysmonitor';
import { SimulatedWorld } from '@understudy/testkit';
import { expect } from 'chai';
import { TerminalOperator } from '../../packages/cli/src/recovery/operator.ts';
import { type Operator, recover } from '../../packages/cli/src/recovery/recover.ts';
import { standingInWords } from '../../packages/cli/src/recovery/standing.ts';
import { runName } from '../support/run-name.ts';
import { listenAs } from '../sysmonitor/support/identified.ts';
import { CommandProcess, eventually, runHere } from './command.ts';

const VIEW: View = { viewnum: 7, primary: 'a:1', backups: ['b:1'], syncing: [], cluster: 'c' };

/** Answers one after the other, and then no more. */
class Scripted implements Operator {
  readonly patienceMs = 1_000;
  readonly asked: string[] = [];
  readonly said: string[] = [];
  readonly #answers: ('yes' | 'no' | 'again')[];
  withdrawn = 0;

  constructor(...answers: ('yes' | 'no' | 'again')[]) {
    this.#answers = answers;
  }

  say(text: string): void {
    this.said.push(text);
  }

  async ask(text: string, signal: AbortSignal): Promise<'yes' | 'no' | 'again'> {
    this.asked.push(text);
    const answer = this.#answers.shift();
    if (answer !== undefined) return answer;
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        this.withdrawn += 1;
        reject(signal.reason);
      });
    });
  }
}

describe('monitor --recover', function () {
  this.timeout(60_000);

  let world: SimulatedWorld;
  let monitor: Monitor;

  /** A monitor at m:1 that recovers; `ping` lets a server of view 7 ping every 100 ms. */
  function recovering(
    operator: Operator,
    body: (recovered: Promise<string>, ping: (server: string, told?: Partial<Ping>) => void) => Promise<void>,
    options: Partial<MonitorOptions> = {},
  ): Promise<void> {
    world = new SimulatedWorld({ seed: 'recover' });
    return world.run(async () => {
      const machine = world.process('m').world;
      const servers = world.process('servers').world;
      monitor = await startMonitor({ listen: 'm:1', world: machine, recover: true, ...options });
      const end = new AbortController();
      void monitor.ended.then(() => end.abort());
      let isOver = false;
      const identified = new Set<string>();
      const ping = (server: string, told: Partial<Ping> = {}) => {
        if (isOver) return;
        if (!identified.has(server)) {
          identified.add(server);
          void listenAs(world, {
            server,
            incarnation: told.incarnation ?? runName(server),
            view: told.view ?? VIEW,
            isOwnSecret: true,
          });
        }
        const position = { viewnum: 7, index: 12_345 };
        const whole = { server, viewnum: 7, incarnation: runName(server), cluster: 'c', view: VIEW, position, ...told };
        servers.transport.call('m:1', 'sysmonitor.ping', whole, { timeoutMs: 90 }).catch(() => {});
        servers.clock.after(100, () => ping(server, told));
      };
      await body(recover(monitor, machine.clock, operator, end.signal), ping);
      isOver = true;
      await monitor.close();
    });
  }

  it('asks nobody when all report: nothing is lost', () => {
    const operator = new Scripted();
    return recovering(operator, async (recovered, ping) => {
      ping('b:1');
      ping('a:1');
      expect(await recovered).to.equal('complete');
      expect(operator.asked).to.deep.equal([]);
      expect(monitor.view).to.deep.include({ viewnum: 1_007, primary: 'a:1' });
    });
  });

  it('shows who holds how much, as often as it is wanted, and goes on with the best on a yes', () => {
    const operator = new Scripted('again', 'yes');
    return recovering(operator, async (recovered, ping) => {
      ping('b:1');
      ping('d:1', { viewnum: 4, position: { viewnum: 4, index: 99_999 } });
      expect(await recovered).to.equal('overruled');
      expect(operator.asked).to.have.length(2);
      expect(operator.asked[0]).to.equal(`
a:1 has not reported, and may have taken part in view 7 or a later one.

SERVER  HOLDS ALL UP TO  ITS LOG ENDS AT
b:1     view 7           entry 12,345 of view 7
d:1     view 4           entry 99,999 of view 4

Logs compare by the view of their last entry, and then by its number. A disk may have come back older than it was.
To go on with b:1, which holds the most, loses every write that only a:1 holds.
Make sure that a:1 is dead: whoever still served would be a second primary.
Whoever comes back later needs an empty data directory: what it held is not taken in.
`);
      expect(operator.said).to.deep.equal(['waiting for the next ping of b:1']);
      expect(monitor.view).to.deep.include({ viewnum: 1_007, primary: 'b:1' });
    });
  });

  it('takes the question back when the missing server reports after all', () => {
    const operator = new Scripted();
    return recovering(operator, async (recovered, ping) => {
      ping('b:1');
      await world.runFor(3_000);
      expect([operator.asked.length, operator.withdrawn, monitor.view.viewnum]).to.deep.equal([1, 0, 0]);
      ping('a:1');
      expect(await recovered).to.equal('complete');
      expect(operator.withdrawn).to.equal(1);
    });
  });

  it('asks again when somebody has reported since who holds more: a yes is to what was shown', () => {
    const shown: string[] = [];
    let answer: (word: 'yes') => void = () => {};
    const operator: Operator = {
      patienceMs: 1_000,
      say: () => {},
      ask: (text) => {
        shown.push(text);
        return new Promise((resolve) => {
          answer = resolve;
        });
      },
    };
    return recovering(operator, async (recovered, ping) => {
      ping('d:1', { viewnum: 4, position: { viewnum: 4, index: 99 } });
      await world.runFor(2_000);
      ping('b:1');
      await world.runFor(2_000);
      expect(shown).to.have.length(1);
      answer('yes');
      await world.runFor(2_000);
      expect([shown.length, monitor.view.viewnum]).to.deep.equal([2, 0]);
      expect(shown[1]).to.include('To go on with b:1, which holds the most');
      answer('yes');
      expect(await recovered).to.equal('overruled');
      expect(monitor.view.primary).to.equal('b:1');
    });
  });

  it('says so when servers of several clusters report', () => {
    const text = standingInWords({ kind: 'reports', servers: ['q:1'], viewnum: 9, holders: ['q:1', 'a:1'] }, []);
    expect(text).to.include('These servers belong to several clusters').and.not.to.include('not reported');
    expect(text).to.include('To go on with q:1, which holds the most, loses every write that only a:1 holds.');
  });

  it('does not ask while there is news, nor while nobody holds data', () => {
    const operator = new Scripted();
    return recovering(operator, async (recovered, ping) => {
      ping('e:1', { viewnum: 0, position: { viewnum: 0, index: 0 } });
      await world.runFor(5_000);
      expect(operator.asked).to.deep.equal([]);
      ping('b:1');
      await world.runFor(900);
      expect(operator.asked).to.deep.equal([]);
      await world.runFor(500);
      expect(operator.asked).to.have.length(1);
      await monitor.close();
      expect(await recovered).to.equal('ended');
    });
  });

  it('changes nothing on a no', () => {
    const operator = new Scripted('no');
    return recovering(operator, async (recovered, ping) => {
      ping('b:1');
      expect(await recovered).to.equal('refused');
      expect(monitor.view.viewnum).to.equal(0);
    });
  });

  it('takes no half a word for an answer, and says so', async () => {
    const input = new PassThrough();
    const output = new PassThrough();
    const answer = new TerminalOperator({ input, output }).ask('what is lost', new AbortController().signal);
    input.write('y\n');
    await eventually('it asks again', () => output.readableLength > 200);
    input.write(' YES\n');
    expect(await answer).to.equal('yes');
    const shown = String(output.read());
    expect(shown).to.include('"y" is no answer: the whole word is needed, "yes" or "no".\nType "yes" to go on');
    expect(shown.split('what is lost'), 'the page is shown once').to.have.length(2);
  });

  it('names all who are missing', () => {
    const text = standingInWords({ kind: 'reports', servers: ['a:1', 'c:1'], viewnum: 9, holders: ['b:1'] }, []);
    expect(text).to.include('a:1 and c:1 have not reported');
    expect(text).to.include('that only a:1 and c:1 hold.').and.to.include('a:1 and c:1 are dead');
  });

  it('refuses at once what it cannot mean', async () => {
    const listen = ['monitor', '--listen', '0'];
    for (const [args, complaint] of [
      [['--yes'], /--yes says yes to --recover only/],
      [['--recover', '--new'], /--new has nothing to --recover/],
      [['--recover'], /--recover asks before anything is lost: call it on a terminal, or with --yes/],
    ] as const) {
      // Standard input is no terminal there.
      await using command = new CommandProcess(...listen, ...args);
      expect((await command.ended).code, args.join(' ')).to.equal(2);
      expect(command.errors.join('\n')).to.match(complaint);
    }
    expect((await runHere('monitor', '--help')).stdout)
      .to.include('--recover')
      .and.to.include('--yes');
  });

  it('--yes goes on without asking, but not at once: the only server that is left serves what it held', async () => {
    await using first = new CommandProcess('monitor', '--listen', '0', '--new');
    const address = await first.address();
    const server = ['server', '--listen', '0', '--monitor', address];
    await using primary = new CommandProcess(...server);
    await primary.address();
    await using backup = new CommandProcess(...server);
    await first.line((line) => line.includes('acknowledged: '), 'errors');
    expect((await runHere('put', 'k', 'kept', '--monitor', address)).code).to.equal(0);
    for (const dead of [first, primary]) await dead[Symbol.asyncDispose]();

    await using second = new CommandProcess('monitor', '--listen', address, '--recover', '--yes');
    await second.line((line) => line.includes('has not reported, and may have taken part in view 2'), 'errors');
    const view = await second.line((line) => line.includes('as an operator wanted'), 'errors');
    expect(view).to.include(`rebuilt with what ${await backup.address()} holds`);
    expect((await runHere('get', 'k', '--monitor', address)).stdout).to.equal('kept\n');
  });
});
