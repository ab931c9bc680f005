/** `understudy get`, `put` and so on: runs one operation with a client of its own. */
import { type Command, Option } from 'commander';
import { EXIT } from '../exit.ts';
import { type CommonOptions, operationCommand, perform } from '../operation.ts';
import type { Call, Flag, Given, Operation } from '../operations/operation.ts';
import { JsonPrinter, TextPrinter } from '../operations/printer.ts';
import { stdoutTakesMore } from '../output.ts';
import { readStdin } from '../stdin.ts';

type Options = CommonOptions & Omit<Given, 'words'>;

export function commandFor(operation: Operation): Command {
  const command = operationCommand(operation.name).description(operation.description);
  for (const { name, whenLeftOut } of operation.parameters) {
    command.argument(whenLeftOut === undefined ? `<${name}>` : `[${name}]`, whenLeftOut);
  }
  for (const flag of operation.options) command.addOption(optionFor(flag));
  return command.addHelpText('after', [operation.notes, ...examplesOf(operation)].join('\n')).action(async () => {
    const words = await wordsOf(operation, command.args);
    return runOnce(operation, { ...command.opts<Options>(), words });
  });
}

/** A value of `-` is read from stdin. The REPL does not support that. */
async function wordsOf({ name }: Operation, words: readonly string[]): Promise<readonly string[]> {
  return name === 'put' && words[1] === '-' ? [words[0] ?? '', await readStdin()] : words;
}

async function runOnce(operation: Operation, given: Given & CommonOptions): Promise<void> {
  const write = (text: string) => void process.stdout.write(text);
  const printer =
    given.json === true ? new JsonPrinter(write, '\n') : new TextPrinter(write, process.stdout.isTTY === true);
  const answer = await perform(given, operation.kind, (kv, last) => {
    const entry: Call['entry'] = (found) => {
      printer.entry(found);
      return stdoutTakesMore(last.signal ?? undefined);
    };
    return operation.run({ kv, given, last, entry });
  });
  if (!printer.answer(answer)) process.exitCode = EXIT.failure;
}

function optionFor({ name, value, description, parse }: Flag): Option {
  return new Option(`--${name} <${value}>`, description).argParser(parse);
}

function examplesOf({ examples }: Operation): readonly string[] {
  const width = Math.max(...examples.map(({ purpose }) => purpose.length));
  const lines = examples.map(({ purpose, words }) => `${purpose.padEnd(width)}  understudy ${words}`);
  return lines.length === 0 ? [] : ['', ...lines];
}
