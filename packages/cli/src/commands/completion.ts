/** `understudy completion SHELL`: prints a script that completes the commands and their options. */
import { Argument, Command } from 'commander';
import { bashScript } from '../shell-completion/bash.ts';
import { fishScript } from '../shell-completion/fish.ts';
import { type CompletedCommand, completedCommands } from '../shell-completion/words.ts';
import { zshScript } from '../shell-completion/zsh.ts';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

type Shell = keyof typeof SCRIPTS;

/** @param program Its commands are the ones that are completed, this one included. */
export function completionCommand(program: Command): Command {
  const shells = Object.keys(SCRIPTS);
  return new Command('completion')
    .description('Print a script with which a shell completes commands and options.')
    .addArgument(new Argument('<SHELL>', 'the shell').choices(shells))
    .addHelpText(
      'after',
      `
Install it, then start a new shell:
  bash  understudy completion bash > ~/.local/share/bash-completion/completions/understudy
        (or, without the package bash-completion, in ~/.bashrc: source <(understudy completion bash))
  zsh   understudy completion zsh > DIR/_understudy, where DIR is a directory of $fpath
        (or in ~/.zshrc, behind compinit: source <(understudy completion zsh))
  fish  understudy completion fish > ~/.config/fish/completions/understudy.fish`,
    )
    .action((shell: Shell) => {
      const script: (commands: readonly CompletedCommand[]) => string = SCRIPTS[shell];
      process.stdout.write(script(completedCommands(program)));
    });
}
