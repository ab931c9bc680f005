/** Prints the answers of a script like those of commands in a shell, and failures with their line numbers. */
import type { ScanEntry } from '@understudy/kvservice';
import { CommandFailure } from '../exit.ts';
import type { Answer } from '../operations/answer.ts';
import { JsonPrinter, TextPrinter, type Write } from '../operations/printer.ts';
import type { TimedPrinter } from './interpreter.ts';

export interface ScriptPrinterOptions {
  readonly json: boolean;
  /** `write` leads to a terminal. */
  readonly isForTerminal: boolean;
  readonly write: Write;
  /** Takes one sentence, and the error that it describes. */
  readonly complain: (message: string, error: unknown) => void;
}

export class ScriptPrinter implements TimedPrinter {
  readonly #printer: JsonPrinter | TextPrinter;
  readonly #complain: ScriptPrinterOptions['complain'];

  constructor({ json, isForTerminal, write, complain }: ScriptPrinterOptions) {
    this.#printer = json ? new JsonPrinter(write, '') : new TextPrinter(write, isForTerminal);
    this.#complain = complain;
  }

  entry(entry: ScanEntry): void {
    this.#printer.entry(entry);
  }

  answer(answer: Answer): boolean {
    try {
      return this.#printer.answer(answer);
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      this.failure(error.message, undefined, error);
      return false;
    }
  }

  failure(message: string, _elapsedMs: number | undefined, error: unknown): void {
    if (this.#printer instanceof JsonPrinter) this.#printer.breakOff();
    this.#complain(message, error);
  }
}
