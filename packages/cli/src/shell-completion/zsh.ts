/** The script that completes `understudy` in zsh, for a file `_understudy` in a directory of `fpath`. */
import { unreachable } from '@understudy/rpc';
import type { CompletedCommand, CompletedOption, Values } from './words.ts';

export function zshScript(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name, description }) => `    ${quoted(`${name}:${description}`)}`);
  const cases = commands.map(({ name, options, argument }) => {
    const specs = [...options.map(optionSpec), quoted(`*:argument:${action(argument)}`)];
    return `    ${name})\n      _arguments ${specs.join(' \\\n        ')} ;;`;
  });
  return `#compdef understudy
_understudy() {
  local -a commands
  commands=(
${names.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = _understudy ]; then
  _understudy "$@"
else
  compdef _understudy understudy
fi
`;
}

function optionSpec({ name, description, value }: CompletedOption): string {
  const text = description.replaceAll(/[[\]\\:]/g, (sign) => `\\${sign}`);
  return quoted(`*${name}[${text}]${value === undefined ? '' : `:value:${action(value)}`}`);
}

function action(values: Values): string {
  switch (values.kind) {
    case 'choices':
      return `(${values.words.join(' ')})`;
    case 'files':
      return '_files';
    case 'directories':
      return '_files -/';
    case 'unknown':
      return ' ';
    default:
      return unreachable(values);
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
