/** How answers go to a pipe or a shell: as plain text, or as JSON. */
import type { ScanEntry } from '@understudy/kvservice';
import { unreachable } from '@understudy/rpc';
import { CommandFailure } from '../exit.ts';
import { printable, printableLines } from '../output/printable.ts';
import { asJson } from '../output.ts';
import type { Answer } from './answer.ts';

export type Write = (text: string) => void;

export interface Printer {
  /** One of a list; its answer follows. */
  entry(entry: ScanEntry): void;
  /** False: the answer is a no that counts as a failure. Throws CommandFailure where that failure is to be complained about. */
  answer(answer: Answer): boolean;
}

export class TextPrinter implements Printer {
  readonly #write: Write;
  readonly #isForTerminal: boolean;

  /** @param isForTerminal Keys and values are shown with escapes then; else they are written as they are. */
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

/** One object an answer. A list is written as it comes: however many entries there are, only one is held in memory. */
export class JsonPrinter implements Printer {
  readonly #write: Write;
  readonly #newline: string;
  #entries = 0;

  /** @param newline What stands between the entries of a list. */
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

  /** A list that broke off in the middle; what was written of it stays. */
  breakOff(): void {
    if (this.#entries > 0) this.#write('\n');
    this.#entries = 0;
  }

  #endOfList(): string {
    return this.#entries === 0 ? '{"entries":[]}\n' : `${this.#newline}]}\n`;
  }
}
