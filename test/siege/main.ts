/** `npm run siege`: attacks real clusters for an hour, or as long as it is told to, and says what came of it. */
import { libfaketime } from './clocks.ts';
import { HELP, readOptions, type SiegeOptions, UsageError } from './options.ts';
import { laySiege, type Outcome } from './siege.ts';

const EXIT = { held: 0, failed: 1, usage: 2, interrupted: 130 } as const;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = readOptions(args);
    if (options === undefined) {
      console.log(HELP);
      return EXIT.held;
    }
    return await besiege(options);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`siege: ${error.message}`);
    return EXIT.usage;
  }
}

async function besiege(options: SiegeOptions): Promise<number> {
  const beganMs = performance.now();
  const tell = (text: string) => console.error(`${minutesSince(beganMs)}  ${text}`);
  const library = libfaketime();
  if (library === undefined && options.faults.includes('clock')) {
    tell('libfaketime is not installed (Debian: apt-get install libfaketime): the clocks stay true');
  }
  tell(`seed ${options.seed}, ${options.minutes} minutes: ${options.faults.join(', ') || 'no faults'}`);
  const end = new AbortController();
  endOnSignals(end, tell);
  const outcome = await laySiege({ options, libfaketime: library, tell, end: end.signal });
  report(options, outcome);
  return outcome.tally.failures.length === 0 ? EXIT.held : EXIT.failed;
}

/** The first one ends the siege in order. The processes of the cluster end when this one is gone. */
function endOnSignals(end: AbortController, tell: (text: string) => void): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (end.signal.aborted) process.exit(EXIT.interrupted);
      tell('ends after this round; again to end at once');
      end.abort();
    });
  }
}

function report({ seed, json }: SiegeOptions, { tally, directory }: Outcome): void {
  const { failures, figures, rows } = tally;
  if (json) console.log(JSON.stringify({ seed, ...figures, failures, directory }));
  else for (const [what, number] of rows) console.log(`${what.padEnd(48)}${number.padStart(10)}`);
  for (const failure of failures) console.error(`\nFAILED: ${failure}`);
  console.error(failures.length === 0 ? 'everything held' : `${failures.length} failures; seed ${seed}`);
  if (directory !== undefined) console.error(`logs and histories: ${directory}`);
}

function minutesSince(beganMs: number): string {
  const seconds = Math.floor((performance.now() - beganMs) / 1_000);
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}
