/**
 * Your own code under deterministic simulation: a box office that sells seats from several processes while servers die, links break and
 * messages get lost. Run it with `node --import tsx examples/simulate_your_code.ts`.
 */
import type { KVClient } from '@understudy/kvservice';
import { type SimulationResult, simulate } from '@understudy/testkit';

/** Wrong: between the read and the write somebody else may sell a seat. */
async function sellCarelessly(kv: KVClient): Promise<void> {
  const sold = Number((await kv.get('sold')) ?? 0);
  await kv.put('sold', String(sold + 1));
}

/** Right: sells only if nobody else has sold since it looked. */
async function sellCarefully(kv: KVClient): Promise<void> {
  for (;;) {
    const sold = await kv.get('sold');
    if (await kv.cas('sold', sold, String(Number(sold ?? 0) + 1))) return;
  }
}

const CLERKS = 4;
const SEATS_EACH = 5;

/** Every clerk sells some seats in virtual time; at the end, with everything healed, the count has to be right. */
function sellingWith(sell: (kv: KVClient) => Promise<void>, seed: number): Promise<SimulationResult> {
  return simulate({
    seed,
    seconds: 20,
    clients: CLERKS,
    client: async (kv, { sleep, random }) => {
      for (let seat = 0; seat < SEATS_EACH; seat++) {
        await sleep(random.number() * 2_000);
        await sell(kv);
      }
    },
    check: async (kv) => {
      const sold = await kv.get('sold');
      if (sold !== String(CLERKS * SEATS_EACH))
        throw new Error(`${CLERKS * SEATS_EACH} seats were sold, and ${sold} counted`);
    },
  });
}

/** The first of some seeds that shows a fault; undefined: none does. */
async function hunt(sell: (kv: KVClient) => Promise<void>, seeds: number): Promise<SimulationResult | undefined> {
  for (let seed = 1; seed <= seeds; seed++) {
    const result = await sellingWith(sell, seed);
    if (result.violations.length > 0) return result;
  }
  return undefined;
}

function expect(condition: boolean, what: string): void {
  if (!condition) throw new Error(`not so: ${what}`);
  console.log(`  ${what}`);
}

console.log('Selling carelessly:');
const found = await hunt(sellCarelessly, 20);
const message = found?.violations[0]?.message.split('\n')[0];
expect(found !== undefined, `seed ${found?.seed} shows it: ${message}`);
const again = await sellingWith(sellCarelessly, Number(found?.seed));
expect(again.digest === found?.digest, 'and shows it again, message by message');

console.log('Selling carefully:');
expect((await hunt(sellCarefully, 20)) === undefined, '20 seeds, and every seat is counted once');
console.log('Checks passed.');
