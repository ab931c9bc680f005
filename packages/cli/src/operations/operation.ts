/**
 * One operation of the user interface. It has the same arguments and the same answer in the shell and at the prompt.
 */
import type { KVClient, OperationOptions, ScanEntry } from '@understudy/kvservice';
import type { Answer } from './answer.ts';

export interface Operation {
  readonly name: string;
  /** A failed write reports whether it is certainly not done. */
  readonly kind: 'read' | 'write';
  /** One sentence. */
  readonly description: string;
  /** The key, or the prefix of keys, comes first. */
  readonly parameters: readonly Parameter[];
  readonly options: readonly Flag[];
  readonly examples: readonly Example[];
  /** Additional text for `--help` in a shell: output and exit codes. */
  readonly notes: string;
  run(call: Call): Promise<Answer>;
}

export interface Parameter {
  readonly name: string;
  /** The meaning of leaving it out, if it may be left out. */
  readonly whenLeftOut?: string;
}

/** An option with one value. */
export interface Flag {
  /** The name of the field in `Given`. */
  readonly name: 'absent' | 'limit';
  /** For example `N`. */
  readonly value: string;
  readonly description: string;
  /** Throws InvalidArgumentError. */
  readonly parse: (text: string) => string | number;
}

export interface Example {
  readonly purpose: string;
  readonly words: string;
}

/** The user's arguments: one word per parameter, except those left out. */
export interface Given {
  readonly words: readonly string[];
  readonly absent?: string;
  readonly limit?: number;
}

export interface Call {
  readonly kv: KVClient;
  readonly given: Given;
  /** The last argument of every client operation. */
  readonly last: OperationOptions;
  /** Takes the entries of a list as they arrive. The next entry waits until the promise resolves. */
  readonly entry: (entry: ScanEntry) => Promise<void>;
}

/** The word at this place. The caller ensures that it exists. */
export function word({ words }: Given, at: number): string {
  const text = words[at];
  if (text === undefined) throw new Error(`the call lacks word ${at}`);
  return text;
}

/** For example "cas KEY OLD NEW [--absent WORD]". */
export function synopsis({ name, parameters, options }: Operation): string {
  const words = parameters.map((it) => (it.whenLeftOut === undefined ? it.name : `[${it.name}]`));
  return [name, ...words, ...options.map((it) => `[--${it.name} ${it.value}]`)].join(' ');
}
