/** Prints answers to a pipe or a shell, as plain text or as JSON. */
import type { ScanEntry } from '@understudy/kvservice';
import { unreachable } from '@understudy/rpc';
import { CommandFailure } from '../exit.ts';
import { printable, printableLines } from '../output/printable.ts';
import { asJson } from '../output.ts';
import type { Answer } from './answer.ts';

export type Write = (text: string) => void;

export interface Printer {
  /** Prints one entry of a list. The answer follows after the last entry. */
  entry(entry: ScanEntry): void;
  /** False: the answer is a `no` that counts as a failure. Throws CommandFailure if the failure needs a message. */
  answer(answer: Answer): boolean;
}

export class TextPrinter implements Printer {
  readonly #write: Write;
  readonly #isForTerminal: boolean;

  /** @param isForTerminal Shows keys and values with escapes. Otherwise they are written unchanged. */
  constructor(write: Write, isForTerminal: boolean) {
    this.#write = write;
    this.#isForTerminal = isForTerminal;
  }

  entry({ key, value }: ScanEntry): void {
    this.#write(this.#isForTerminal ? `${printable(key)}\t${printable(value)}\n` : `${key}\t${value}\n`);
  }

  answer(answer: Answer): boolean {
    switch (answer.kind) {
      case 'absent':
        throw new CommandFailure(`${answer.key}: not found`);
      case 'listed':
        return true;
      case 'verdict':
        this.#write(`${answer.yes}\n`);
        return answer.yes || !answer.noIsFailure;
      case 'revision':
        this.#write(`revision ${answer.revision}\n`);
        return true;
      case 'value':
        this.#write(`${this.#isForTerminal ? printableLines(answer.value) : answer.value}\n`);
        return true;
      case 'report':
      case 'help':
        this.#write(`${answer.text}\n`);
        return true;
      default:
        return unreachable(answer);
    }
  }
}

/** One object per answer. A list is written as it arrives, so only one entry is held in memory. */
export class JsonPrinter implements Printer {
  readonly #write: Write;
  readonly #newline: string;
  #entries = 0;

  /** @param newline The separator between the entries of a list. */
  constructor(write: Write, newline: '\n' | '') {
    this.#write = write;
    this.#newline = newline;
  }

  entry(entry: ScanEntry): void {
    this.#write(`${this.#entries === 0 ? '{"entries":[' : ','}${this.#newline}${asJson(entry)}`);
    this.#entries += 1;
  }

  answer(answer: Answer): boolean {
    this.#write(answer.kind === 'listed' ? this.#endOfList() : `${asJson(answer.json)}\n`);
    this.#entries = 0;
    return true;
  }

  /** A list ended in the middle. What was written of it stays. */
  breakOff(): void {
    if (this.#entries > 0) this.#write('\n');
    this.#entries = 0;
  }

  #endOfList(): string {
    return this.#entries === 0 ? '{"entries":[]}\n' : `${this.#newline}]}\n`;
  }
}
