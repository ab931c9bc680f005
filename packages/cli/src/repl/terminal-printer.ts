/**
 * Prints answers on a terminal: values in quotes, so that none can control the terminal, and the time that each took.
 */
import { styleText } from 'node:util';
import type { ScanEntry } from '@understudy/kvservice';
import { unreachable } from '@understudy/rpc';
import type { Answer } from '../operations/answer.ts';
import { printable } from '../output/printable.ts';
import { duration } from '../table.ts';
import { counted } from '../words.ts';
import type { TimedPrinter } from './interpreter.ts';
import { asWord, quoted } from './words.ts';

type Style = Parameters<typeof styleText>[0];

export class TerminalPrinter implements TimedPrinter {
  readonly #write: (line: string) => void;
  readonly #colours: boolean;

  /** @param write Takes whole lines. */
  constructor(write: (line: string) => void, colours: boolean) {
    this.#write = write;
    this.#colours = colours;
  }

  entry({ key, value, revision }: ScanEntry): void {
    this.#write(`${asWord(key)}  ${quoted(value)}  ${this.#paint('dim', `revision ${revision}`)}`);
  }

  answer(answer: Answer, elapsedMs: number): boolean {
    const { text, style } = this.#shown(answer);
    const isTimed = answer.kind !== 'help';
    const line = style === undefined ? text : this.#paint(style, text);
    this.#write(isTimed ? `${line}${answer.kind === 'report' ? '\n' : '  '}${this.#time(elapsedMs)}` : line);
    return answer.kind !== 'absent' && !(answer.kind === 'verdict' && answer.noIsFailure && !answer.yes);
  }

  failure(message: string, elapsedMs: number | undefined): void {
    const time = elapsedMs === undefined ? '' : `  ${this.#time(elapsedMs)}`;
    this.#write(`${this.#paint('red', printable(message))}${time}`);
  }

  #shown(answer: Answer): { readonly text: string; readonly style?: Style } {
    switch (answer.kind) {
      case 'revision':
        return { text: `revision ${answer.revision}` };
      case 'value':
        return { text: quoted(answer.value) };
      case 'absent':
        return { text: `${asWord(answer.key)}: not found`, style: 'yellow' };
      case 'verdict':
        return { text: String(answer.yes) };
      case 'listed':
        return { text: answer.entries === 0 ? 'no keys' : counted(answer.entries, 'key') };
      case 'report':
      case 'help':
        return { text: answer.text };
      default:
        return unreachable(answer);
    }
  }

  #time(ms: number): string {
    return this.#paint('dim', `(${ms < 10 ? `${ms.toFixed(1)} ms` : duration(ms)})`);
  }

  #paint(style: Style, text: string): string {
    return this.#colours ? styleText(style, text) : text;
  }
}
