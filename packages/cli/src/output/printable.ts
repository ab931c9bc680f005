/** Text that came from outside, as it may be shown: names of servers, keys, values, messages of another process.
 *
 * A terminal obeys control characters: an escape sequence in a value could retitle the window, hide what follows, or type into the shell. A
 * newline in a name could forge a line of a log. Signs of the direction of writing could show a name as another one. Each such character is
 * shown as its escape, such as `\u001b`.
 */

/** Controls, formats (also those without width and those of direction), separators of lines, and halves of a pair that stand alone. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const INVISIBLE_BUT_LAYOUT = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** JSON escapes the others itself, or has them between its parts. */
const INVISIBLE_IN_JSON = /(?![\u0000-\u001f])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A text that is one line, or a part of one. */
export function printable(text: string): string {
  return text.replaceAll(INVISIBLE, escape);
}

/** A text that may have several lines; newlines and tabs stay as they are. */
export function printableLines(text: string): string {
  return text.replaceAll(INVISIBLE_BUT_LAYOUT, escape);
}

/** The same JSON, without a character that a terminal would obey. */
export function withEscapes(json: string): string {
  return json.replaceAll(INVISIBLE_IN_JSON, escape);
}

function escape(character: string): string {
  return SHORT[character] ?? character.split('').map(unitEscape).join('');
}

function unitEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
