/** Prints the digests of some seeds, one a line; runs as a process of its own. Arguments: first seed, count, seconds. */
import { simulate } from '@understudy/testkit';

const [from = 0, count = 0, seconds = 8] = process.argv.slice(2).map(Number);
const lines: string[] = [];
for (let seed = from; seed < from + count; seed++) {
  const { digest, operations, events } = await simulate({ seed, seconds });
  lines.push(`${seed} ${digest} ${operations} ${events}`);
}
console.log(lines.join('\n'));
