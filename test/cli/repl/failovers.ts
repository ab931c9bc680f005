/** What a client tells of a change of views, which a machine that stands still for half a second brings about at any time. */

const FAILOVER =
  /^(?:primary \S+ (?:is gone|does not answer|is not ready yet)|\S+ is not primary any more|there is no primary yet|a new view:|asking the monitor)/;

/** What may stand behind "asking the monitor ...", as the source of a regular expression. */
export const PERHAPS_NO_ANSWER = '(?: no answer \\(.*\\), trying on \\.\\.\\.)?';

export function withoutFailovers(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => !FAILOVER.test(line));
}
