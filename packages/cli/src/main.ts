/** Where the `understudy` process begins. */
import { prepareOutput } from './output.ts';
import { run } from './program.ts';

prepareOutput();
process.exitCode = await run(process.argv.slice(2));
