/** Where the `understudy` process begins. */
import { endQuietlyWhenNobodyReads } from './output.ts';
import { run } from './program.ts';

endQuietlyWhenNobodyReads();
process.exitCode = await run(process.argv.slice(2));
