/**
 * Makes text from outside safe to show: names of servers, keys, values, messages of another process.
 *
 * A terminal obeys control characters. An escape sequence in a value could change the window title, hide the text that
 * follows, or type into the shell. A newline in a name could forge a line of a log. Characters that change the writing
 * direction could disguise a name. Each such character is shown as an escape, such as `\u001b`.
 */

/**
 * Control and format characters (including zero-width and direction characters), line separators, and lone surrogates.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
const INVISIBLE_BUT_LAYOUT = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** JSON escapes the others itself, or uses them between its parts. */
const INVISIBLE_IN_JSON = /(?![\u0000-\u001f])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** For a text that is one line, or part of one. */
export function printable(text: string): string {
  return text.replaceAll(INVISIBLE, escape);
}

/** For a text that may have several lines. Newlines and tabs stay unchanged. */
export function printableLines(text: string): string {
  return text.replaceAll(INVISIBLE_BUT_LAYOUT, escape);
}

/** The same JSON, without characters that a terminal obeys. */
export function withEscapes(json: string): string {
  return json.replaceAll(INVISIBLE_IN_JSON, escape);
}

function escape(character: string): string {
  return SHORT[character] ?? character.split('').map(unitEscape).join('');
}

function unitEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
