/** The short form of `npm run siege`: a minute of it. What it proves is linearizability; its bounds on time and memory are generous. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeededRandom } from '@understudy/testkit';
import { expect } from 'chai';
import { playCampaign } from './campaign.ts';
import { libfaketime } from './clocks.ts';
import { FAULT_NAMES, type FaultName } from './faults/catalogue.ts';
import { Tally } from './tally.ts';

const SEED = process.env.SIEGE_SEED ?? String(Math.floor(Math.random() * 1e9));
const ROUND_MS = 12_000;
/** A machine that is busy with other tests stands still now and then. */
const BOUND_MS = 90_000;
const MAX_BYTES = 2 * 2 ** 30;
/**
 * In memory, a server that leaves gives up after ten seconds without a server to take over (V14); that a busy machine is fast enough
 * cannot be demanded.
 */
const LEFT_OUT: readonly FaultName[] = ['clock', 'forge'];
const LEFT_OUT_IN_MEMORY: readonly FaultName[] = [...LEFT_OUT, 'leave', 'leave-in-pairs'];

describe(`a short siege of real processes (SIEGE_SEED=${SEED})`, function () {
  this.timeout(5 * 60_000);

  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'understudy-siege-'));
  });

  for (const [where, keepsData] of [
    ['on disk', true],
    ['in memory', false],
  ] as const) {
    it(`${where}: processes stop and die, links fail, a client is hostile; no acknowledged write is lost`, async () => {
      const leftOut = keepsData ? LEFT_OUT : LEFT_OUT_IN_MEMORY;
      const faults = FAULT_NAMES.filter((fault) => !leftOut.includes(fault));
      const { counts } = await besiege(faults, { keepsData });
      expect(counts.operations).to.be.greaterThan(100);
    });
  }

  it('on disk: clocks jump (libfaketime)', async function () {
    if (libfaketime() === undefined) {
      if (process.env.CI === 'true') throw new Error('libfaketime is not installed');
      this.skip();
    }
    // Of two kinds of faults, a round may draw only the other one.
    const { counts } = await besiege(['clock'], { keepsData: true });
    expect(counts.clockJumps).to.be.greaterThan(0);
  });

  /** One round. Logs and histories are left behind where something is wrong. */
  async function besiege(faults: readonly FaultName[], { keepsData }: { readonly keepsData: boolean }): Promise<Tally> {
    const tally = new Tally();
    const told: string[] = [];
    await playCampaign({
      shape: { servers: 3, backups: 1, monitorKeepsData: keepsData, serversKeepData: keepsData },
      directory,
      random: new SeededRandom(`${SEED} ${faults} ${keepsData}`),
      tally,
      faults,
      libfaketime: libfaketime(),
      lengthMs: ROUND_MS + 1,
      roundMs: ROUND_MS,
      boundMs: BOUND_MS,
      maxBytes: MAX_BYTES,
      tell: (text) => told.push(text),
      end: new AbortController().signal,
    });
    expect(tally.failures, `${told.join('\n')}\nlogs and histories: ${directory}`).to.deep.equal([]);
    await rm(directory, { recursive: true });
    expect(tally.counts.checkedHistories).to.be.greaterThan(0);
    return tally;
  }
});
