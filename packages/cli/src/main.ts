/** Where the `understudy` process begins. */
import { endWhenStdoutFails } from './output.ts';
import { run } from './program.ts';

endWhenStdoutFails();
process.exitCode = await run(process.argv.slice(2));
