/** The script that completes `understudy` in bash. It needs nothing but bash itself. */
import { unreachable } from '@understudy/rpc';
import type { CompletedCommand, Values } from './words.ts';

export function bashScript(commands: readonly CompletedCommand[]): string {
  const values = commands.flatMap(({ name, options }) =>
    options.flatMap((it) =>
      it.value === undefined ? [] : [`    '${name} ${it.name}') ${reply(it.value)}; return ;;`],
    ),
  );
  const words = commands.map(
    ({ name, options, argument }) =>
      `    ${name}) case $current in -*) ${replyWords(options.map((it) => it.name))} ;; *) ${reply(argument)} ;; esac ;;`,
  );
  return `# bash completion of understudy
_understudy_reply() {
  local word
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen "$@")
}
_understudy() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    ${replyWords([...commands.map(({ name }) => name), '--help', '--version'])}
    return
  fi
  case "$command $previous" in
${values.join('\n')}
  esac
  case $command in
${words.join('\n')}
  esac
}
complete -o filenames -F _understudy understudy
`;
}

function reply(values: Values): string {
  switch (values.kind) {
    case 'choices':
      return replyWords(values.words);
    case 'files':
      return replyLines('-f');
    case 'directories':
      return replyLines('-d');
    case 'unknown':
      return ':';
    default:
      return unreachable(values);
  }
}

function replyWords(words: readonly string[]): string {
  return replyLines(`-W '${words.join(' ')}'`);
}

/** Each line is one suggestion: names of files may contain blanks. */
function replyLines(what: string): string {
  return `_understudy_reply ${what} -- "$current"`;
}
