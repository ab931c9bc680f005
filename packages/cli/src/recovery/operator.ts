/** The operator whom a recovering monitor asks: a person at a terminal, or `--yes`. */
import { createInterface } from 'node:readline';
import type { Operator } from './recover.ts';

const QUESTION = 'Type "yes" to go on, "no" to end the monitor with nothing changed, or nothing to look again: ';

export interface Talk {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Ctrl-C sends SIGINT, as it would elsewhere. The end of the input means no. */
export class TerminalOperator implements Operator {
  readonly patienceMs = 2_000;
  readonly #talk: Talk;

  constructor(talk: Talk = { input: process.stdin, output: process.stderr }) {
    this.#talk = talk;
  }

  say(text: string): void {
    this.#talk.output.write(`${text}\n`);
  }

  /** If the reply is not one of its answers, it asks again without the text. */
  ask(text: string, signal: AbortSignal): Promise<'yes' | 'no' | 'again'> {
    this.say(text);
    const terminal = createInterface(this.#talk);
    terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    return new Promise<'yes' | 'no' | 'again'>((resolve) => {
      signal.addEventListener('abort', () => resolve('again'), { once: true });
      terminal.on('close', () => resolve('no'));
      const hear = (answer: string): void => {
        const meaning = meaningOf(answer);
        if (meaning !== undefined) return resolve(meaning);
        this.say(`${JSON.stringify(answer.trim())} is no answer: the whole word is needed, "yes" or "no".`);
        terminal.question(QUESTION, hear);
      };
      terminal.question(QUESTION, hear);
    }).finally(() => terminal.close());
  }
}

/** Agrees to everything that stayed the same for ten seconds. */
export class AgreeingOperator implements Operator {
  readonly patienceMs = 10_000;

  say(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  async ask(text: string): Promise<'yes'> {
    this.say(text);
    return 'yes';
  }
}

/** Undefined: the answer has no meaning. */
function meaningOf(answer: string): 'yes' | 'no' | 'again' | undefined {
  const word = answer.trim().toLowerCase();
  if (word === '') return 'again';
  return word === 'yes' || word === 'no' ? word : undefined;
}
