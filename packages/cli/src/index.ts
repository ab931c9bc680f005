/** The public names of @understudy/cli: the command line as a function. */
export { EXIT } from './exit.ts';
export { run } from './program.ts';
