/** The monitor asks a server at its own address whether it sent a ping (V11), over a network that loses answers. */
import { UnderstudyError } from '@understudy/rpc';
import { SimulatedWorld } from '@understudy/testkit';
import { expect } from 'chai';
import { ClaimChecks } from '../../packages/sysmonitor/src/claim-checks.ts';

const RUN = '019b76da-df44-75cb-a49b-d93e672285f5';
const PING = { server: 'a:1', viewnum: 0, incarnation: RUN, secret: 's' };
const IDENTITY = {
  server: 'a:1',
  incarnation: RUN,
  view: { viewnum: 0, primary: '', backups: [], syncing: [] },
  isOwnSecret: true,
};
const TIMES = { timeoutMs: 2_000, askAgainMs: 100 };

/** `answer` is given the number of the request. A request that gets undefined is never answered. */
function check(answer: (request: number) => { readonly afterMs: number; readonly fails?: true } | undefined) {
  const world = new SimulatedWorld({ seed: 'claim checks' });
  const { clock } = world.process('m').world;
  const asked: number[] = [];
  const told: { readonly isConfirmed: boolean; readonly at: number }[] = [];
  let open = 0;
  const call = (_to: string, _method: string, _params: object, options: { timeoutMs: number; signal?: unknown }) => {
    const given = answer(asked.push(Math.round(clock.now())));
    open += 1;
    return new Promise((resolve, reject) => {
      const fail = (name: 'TIMEOUT' | 'ABORTED' | 'UNREACHABLE') => reject(new UnderstudyError(name, name));
      (options.signal as AbortSignal).addEventListener('abort', () => fail('ABORTED'));
      clock.after(options.timeoutMs, () => fail('TIMEOUT'));
      if (given === undefined) return;
      clock.after(given.afterMs, () => (given.fails ? fail('UNREACHABLE') : resolve(IDENTITY)));
    }).finally(() => {
      open -= 1;
    });
  };
  const checks = new ClaimChecks({ transport: { call }, clock }, TIMES);
  const began = clock.now();
  const add = () =>
    checks.check(PING, true, (isConfirmed) => told.push({ isConfirmed, at: Math.round(clock.now() - began) }));
  add();
  return { world, checks, add, asked: () => asked.map((at) => at - Math.round(began)), told, open: () => open };
}

describe('the check of a claim', () => {
  it('asks again when an answer is lost, and then confirms every ping that waits', async () => {
    const run = check((request) => (request === 1 ? undefined : { afterMs: 5 }));
    run.add();
    await run.world.runFor(3_000);
    expect(run.asked()).to.deep.equal([0, 100]);
    expect(run.told).to.deep.equal([
      { isConfirmed: true, at: 105 },
      { isConfirmed: true, at: 105 },
    ]);
    expect(run.open(), 'requests under way').to.equal(0);
  });

  it('takes the late answer of a slow server', async () => {
    const run = check((request) => ({ afterMs: request === 1 ? 1_900 : 5_000 }));
    await run.world.runFor(3_000);
    expect(run.told).to.deep.equal([{ isConfirmed: true, at: 1_900 }]);
  });

  it('asks an address that never answers a few times only, and gives up in time', async () => {
    const run = check(() => undefined);
    await run.world.runFor(3_000);
    expect(run.asked()).to.deep.equal([0, 100, 300, 700, 1_500]);
    expect(run.told).to.deep.equal([{ isConfirmed: false, at: 2_000 }]);
  });

  it('ends at the first failure, so that the next ping asks anew', async () => {
    const run = check(() => ({ afterMs: 7, fails: true }));
    await run.world.runFor(3_000);
    expect(run.asked()).to.deep.equal([0]);
    expect(run.told).to.deep.equal([{ isConfirmed: false, at: 7 }]);
  });

  it('asks nothing more once it is closed', async () => {
    const run = check(() => undefined);
    run.checks.close();
    await run.world.runFor(3_000);
    expect(run.asked()).to.deep.equal([0]);
    expect(run.told).to.deep.equal([{ isConfirmed: false, at: 0 }]);
  });
});
