/** The entry point of the `understudy` process. */
import { prepareOutput } from './output.ts';
import { run } from './program.ts';

prepareOutput();
process.exitCode = await run(process.argv.slice(2));
