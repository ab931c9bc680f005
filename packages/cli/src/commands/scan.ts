/** `understudy scan [PREFIX]`: lists keys and values, in key order. */

import type { ScanEntry } from '@understudy/kvservice';
import type { Command } from 'commander';
import { type CommonOptions, operationCommand, perform } from '../operation.ts';
import { integer } from '../options.ts';
import { printLine } from '../output.ts';

interface ScanOptions extends CommonOptions {
  readonly limit?: number;
}

export function scanCommand(): Command {
  return operationCommand('scan')
    .description('List the keys that begin with PREFIX, and their values, in key order.')
    .argument('[PREFIX]', 'all keys when left out')
    .option('--limit <N>', 'stop after so many', integer(1))
    .addHelpText(
      'after',
      `
Prints one line a key: key, tab, value. With --json: { "entries": [{ "key", "value", "revision" }] }.
Entries come page by page: each page is of one moment, two pages are of two.`,
    )
    .action(async (prefix: string | undefined, options: ScanOptions) => {
      const printer = options.json === true ? new JsonPrinter() : new TextPrinter();
      await perform(options, 'read', async (kv, last) => {
        for await (const entry of kv.scan({ ...last, prefix, limit: options.limit })) printer.entry(entry);
      });
      printer.end();
    });
}

class TextPrinter {
  entry({ key, value }: ScanEntry): void {
    printLine(`${key}\t${value}`);
  }

  end(): void {}
}

/** One object, one entry a line: however many there are, only one is held in memory. */
class JsonPrinter {
  #lead = '{"entries":[\n';

  entry(entry: ScanEntry): void {
    process.stdout.write(this.#lead + JSON.stringify(entry));
    this.#lead = ',\n';
  }

  end(): void {
    printLine(this.#lead.startsWith('{') ? '{"entries":[]}' : '\n]}');
  }
}
