/** The order of texts by their UTF-8 bytes, without making them. */

/** Surrogates, which stand for what lies above U+FFFF, and the units behind them: UTF-16 has only these in another order. */
const DISORDERED = /[\ud800-\uffff]/;

/** Compares by UTF-8 bytes. */
export function compareUtf8(a: string, b: string): number {
  const left = toSortable(a);
  const right = toSortable(b);
  return left < right ? -1 : left === right ? 0 : 1;
}

/** Spells a text so that `<` puts such spellings in the order of the texts' UTF-8 bytes; most texts stay as they are. */
export function toSortable(text: string): string {
  return DISORDERED.test(text) ? respelled(text, raised) : text;
}

/** The text that was spelled so. */
export function fromSortable(spelling: string): string {
  return DISORDERED.test(spelling) ? respelled(spelling, lowered) : spelling;
}

function respelled(text: string, unitOf: (unit: number) => number): string {
  let spelled = '';
  for (let at = 0; at < text.length; at++) spelled += String.fromCharCode(unitOf(text.charCodeAt(at)));
  return spelled;
}

/** Moves surrogates above U+E000..U+FFFF, where their code points belong. */
function raised(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

function lowered(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xf800 ? unit + 0x800 : unit - 0x2000;
}
