/** What a shell can complete: every command with its options and arguments, read from the definitions of commander. */
import type { Command, Option } from 'commander';
import { optionsOf } from '../settings/sources.ts';

export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  /** What its arguments may be. */
  readonly argument: Values;
}

export interface CompletedOption {
  /** For example `--data`. */
  readonly name: string;
  readonly description: string;
  /** The value that follows; undefined: the option is a flag. */
  readonly value: Values | undefined;
}

export type Values =
  | { readonly kind: 'files' | 'directories' | 'unknown' }
  | { readonly kind: 'choices'; readonly words: readonly string[] };

const HELP: CompletedOption = { name: '--help', description: 'display help for command', value: undefined };

export function completedCommands({ commands }: Command): readonly CompletedCommand[] {
  return commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: [...optionsOf(command).map(completedOption), HELP],
    argument: valuesOf(command.registeredArguments.map((it) => it.name()).join(' '), argumentChoices(command)),
  }));
}

function completedOption(option: Option): CompletedOption {
  const { long, flags, description, required, argChoices } = option;
  return { name: long ?? flags, description, value: required ? valuesOf(flags, argChoices) : undefined };
}

function argumentChoices({ registeredArguments }: Command): readonly string[] | undefined {
  return registeredArguments[0]?.argChoices;
}

/** @param text The placeholders, which say what is expected: FILE, DIR or something else. */
function valuesOf(text: string, choices: readonly string[] | undefined): Values {
  if (choices !== undefined) return { kind: 'choices', words: choices };
  if (/\bFILE\b/.test(text)) return { kind: 'files' };
  return { kind: /\bDIR\b/.test(text) ? 'directories' : 'unknown' };
}
