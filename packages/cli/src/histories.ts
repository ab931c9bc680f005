/** Reads histories from a text: one as JSON, or one per line. Each gets a name for messages. */
import { type History, HistoryError, parseHistory } from '@understudy/testkit';
import { UsageError } from './exit.ts';

export interface NamedHistory {
  /** For example `history.json`, or `history.jsonl:3` for its third line. */
  readonly name: string;
  readonly history: History;
}

/** @throws UsageError that names the line if something is not JSON or not a history. */
export function historiesIn(file: string, text: string): readonly NamedHistory[] {
  const source = file === '-' ? 'stdin' : file;
  const whole = parsed(text);
  if (whole.kind === 'json' && !file.endsWith('.jsonl')) return [named(source, whole.value)];
  const lines = text
    .split('\n')
    .flatMap((line, at) => (line.trim() === '' ? [] : [{ name: `${source}:${at + 1}`, ...parsed(line) }]));
  const [first] = lines;
  if (first === undefined) throw new UsageError(`${source}: holds no history`);
  const isOneText = whole.kind === 'broken' && first.kind === 'broken' && !file.endsWith('.jsonl');
  if (isOneText) throw new UsageError(`${source}${lineOf(whole.fault, text)}: not JSON: ${whole.fault}`);
  return lines.map((line) => {
    if (line.kind === 'broken') throw new UsageError(`${line.name}: not JSON: ${line.fault}`);
    return named(line.name, line.value);
  });
}

/** Runs `action`. A malformed history is a mistake of the user, and the error gets a name. */
export function namingTheField<T>(name: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof HistoryError) throw new UsageError(`${name}: ${error.message}`);
    throw error;
  }
}

/** Refuses a malformed history before any history is checked. */
function named(name: string, value: unknown): NamedHistory {
  return { name, history: namingTheField(name, () => parseHistory(value)) };
}

type Parsed = { readonly kind: 'json'; readonly value: unknown } | { readonly kind: 'broken'; readonly fault: string };

function parsed(text: string): Parsed {
  try {
    return { kind: 'json', value: JSON.parse(text.replace(/^\uFEFF/, '')) };
  } catch (error) {
    return { kind: 'broken', fault: (error as SyntaxError).message };
  }
}

/** `:7` if the parser reports the position at which it stopped. */
function lineOf(fault: string, text: string): string {
  const position = /at position (\d+)/.exec(fault)?.[1];
  return position === undefined ? '' : `:${text.slice(0, Number(position)).split('\n').length}`;
}
