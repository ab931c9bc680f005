/** Who answers when a monitor that recovers asks: a person at a terminal, or `--yes`. */
import { createInterface } from 'node:readline';
import type { Operator } from './recover.ts';

const QUESTION = 'Type "yes" to go on, "no" to end the monitor with nothing changed, or nothing to look again: ';

/** Ctrl-C is the signal that it would be elsewhere; the end of the input is a no. */
export class TerminalOperator implements Operator {
  readonly patienceMs = 2_000;
  readonly say = say;

  ask(text: string, signal: AbortSignal): Promise<'yes' | 'no' | 'again'> {
    this.say(text);
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    return new Promise<'yes' | 'no' | 'again'>((resolve) => {
      signal.addEventListener('abort', () => resolve('again'), { once: true });
      terminal.on('close', () => resolve('no'));
      terminal.question(QUESTION, (answer) => resolve(meaningOf(answer)));
    }).finally(() => terminal.close());
  }
}

/** Says yes to everything that was the same for ten seconds. */
export class AgreeingOperator implements Operator {
  readonly patienceMs = 10_000;
  readonly say = say;

  async ask(text: string): Promise<'yes'> {
    this.say(text);
    return 'yes';
  }
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function meaningOf(answer: string): 'yes' | 'no' | 'again' {
  const word = answer.trim().toLowerCase();
  return word === 'yes' || word === 'no' ? word : 'again';
}
