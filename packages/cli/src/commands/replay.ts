/** `understudy replay`: a page that plays the trace of a simulation. */
import { realWorld } from '@understudy/rpc';
import { Command } from 'commander';
import { type Service, serveUntilTold } from '../daemon.ts';
import { listenOption } from '../options.ts';
import { complain, printLine } from '../output.ts';
import { Trace } from '../replay/trace.ts';
import { tracePages } from '../replay/trace-pages.ts';
import { count, counted, span } from '../words.ts';

interface Options {
  readonly listen: string;
}

export function replayCommand(): Command {
  return new Command('replay')
    .description('Show a page that plays the trace of a simulation.')
    .argument('<FILE>', 'a trace, as `understudy sim --seed S --trace FILE` writes it')
    .addOption(listenOption().makeOptionMandatory(false).default('127.0.0.1:0'))
    .addHelpText(
      'after',
      `
Prints on stdout what the trace holds and, in a line of its own, the URL of the page. The page plays the run at any speed, forward and
back, event by event: messages on their way, roles and views, a space-time diagram, and the violation if there is one.
A file that breaks off in the middle is played as far as it goes. Exits 2 when the file is no trace, or no regular file. Ctrl-C ends it.

Record a run and watch it:  understudy sim --seed 17 --trace run.jsonl && understudy replay run.jsonl`,
    )
    .action((file: string, options: Options) => serveUntilTold(() => serve(file, options)));
}

async function serve(file: string, { listen }: Options): Promise<Service> {
  const trace = await Trace.open(file);
  const { transport } = realWorld();
  const end = async (): Promise<void> => {
    await transport.close();
    await trace.close();
  };
  const listener = await transport
    .listen({ address: listen, methods: {}, pages: tracePages(trace) })
    .catch(async (error) => {
      await end();
      throw error;
    });
  if (trace.index.missing !== '') complain(`${file}: ${trace.index.missing}`);
  printLine(inWords(trace));
  printLine(`http://${listener.address}/`);
  const stop = async (): Promise<void> => {
    await listener.close();
    await end();
  };
  return { leave: () => stop().then(() => ''), stop, ended: new Promise(() => {}) };
}

function inWords({ name, index }: Trace): string {
  const { start, events, lastAt, violations } = index;
  const broken = violations === 0 ? '' : `, ${counted(violations, 'violation')}`;
  return `${name}: seed ${start.seed}, ${span(lastAt)} of virtual time, ${count(events)} events${broken}`;
}
