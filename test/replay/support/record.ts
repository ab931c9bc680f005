/**
 * A process of its own that simulates seed after seed until a property is broken, and prints the trace of that run.
 * Arguments: the first seed, seeds at most, virtual seconds, clients, and classes of faults with commas between them.
 */
import { FAULT_CLASSES, simulate } from '@understudy/testkit';

const [from, limit, seconds, clients, faults = ''] = process.argv.slice(2);
const wanted = FAULT_CLASSES.filter((fault) => faults.split(',').includes(fault));

/** The first that is found; "" where none is. */
async function record(): Promise<string> {
  for (let seed = Number(from); seed < Number(from) + Number(limit); seed++) {
    const lines: string[] = [];
    const { violations } = await simulate({
      seed,
      seconds: Number(seconds),
      clients: Number(clients),
      faults: wanted,
      onEvent: (event) => lines.push(`${JSON.stringify(event)}\n`),
    });
    if (violations.length > 0) return lines.join('');
  }
  return '';
}

process.stdout.write(await record());
