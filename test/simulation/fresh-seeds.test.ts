/** Seeds that nobody has played yet, other ones on each run: on CI a batch large enough that it has to see every situation. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const COMMAND = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));
const SEEDS = Number(process.env.SIMULATION_SEEDS ?? (process.env.CI === 'true' ? 500 : 40));
/** Half a million numbers a year, so that runs hardly ever meet. */
const FROM = Math.floor(Date.now() / 60_000) * 1_000;

describe('simulation of fresh seeds', () => {
  it(`${SEEDS} seeds from ${FROM} on: every property holds`, async function () {
    this.timeout(30 * 60_000);
    const { code, output } = await sim('--seeds', String(SEEDS), '--from', String(FROM));
    expect(code, output).to.equal(0);
    const [, violated, halted] = /(\d+) violated, (\d+) halted/.exec(output) ?? [];
    expect(Number(violated), output).to.equal(0);
    // A halt is nobody's fault, and comes in one or two seeds of 100; many would be a service that cannot live.
    expect(Number(halted), output).to.be.at.most(Math.max(5, Math.ceil(SEEDS * 0.05)));
  });
});

function sim(...args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, COMMAND, 'sim', ...args]);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}
