/** One operation as a user calls it: the same words and the same answer from the shell and at the prompt. */
import type { KVClient, OperationOptions, ScanEntry } from '@understudy/kvservice';
import type { Answer } from './answer.ts';

export interface Operation {
  readonly name: string;
  /** Of a failed write it is told whether it is certainly not done. */
  readonly kind: 'read' | 'write';
  /** One sentence. */
  readonly description: string;
  /** The key, or the beginning of keys, comes first. */
  readonly parameters: readonly Parameter[];
  readonly options: readonly Flag[];
  readonly examples: readonly Example[];
  /** What `--help` has to add in a shell: output and exit codes. */
  readonly notes: string;
  run(call: Call): Promise<Answer>;
}

export interface Parameter {
  readonly name: string;
  /** What it means to leave it out, where it may be. */
  readonly whenLeftOut?: string;
}

/** An option with one value. */
export interface Flag {
  /** Its place in `Given`. */
  readonly name: 'absent' | 'limit';
  /** Such as `N`. */
  readonly value: string;
  readonly description: string;
  /** Throws InvalidArgumentError. */
  readonly parse: (text: string) => string | number;
}

export interface Example {
  readonly purpose: string;
  readonly words: string;
}

/** What the user gave, as many words as there are parameters, but for those left out. */
export interface Given {
  readonly words: readonly string[];
  readonly absent?: string;
  readonly limit?: number;
}

export interface Call {
  readonly kv: KVClient;
  readonly given: Given;
  /** The last argument of every operation of the client. */
  readonly last: OperationOptions;
  /** Takes the entries of a list, as they come; the next one waits until the promise resolves. */
  readonly entry: (entry: ScanEntry) => Promise<void>;
}

/** The word at this place; whoever made the call has seen to it that it is there. */
export function word({ words }: Given, at: number): string {
  const text = words[at];
  if (text === undefined) throw new Error(`the call lacks word ${at}`);
  return text;
}

/** Such as "cas KEY OLD NEW [--absent WORD]". */
export function synopsis({ name, parameters, options }: Operation): string {
  const words = parameters.map((it) => (it.whenLeftOut === undefined ? it.name : `[${it.name}]`));
  return [name, ...words, ...options.map((it) => `[--${it.name} ${it.value}]`)].join(' ');
}
