/** Compares texts by their UTF-8 bytes, without encoding them. */

/**
 * Surrogates, which encode characters above U+FFFF, and the units after them. Only these have another order in UTF-16.
 */
const DISORDERED = /[\ud800-\uffff]/;

/** Compares two texts by their UTF-8 bytes. */
export function compareUtf8(a: string, b: string): number {
  const left = toSortable(a);
  const right = toSortable(b);
  return left < right ? -1 : left === right ? 0 : 1;
}

/**
 * Encodes a text so that `<` compares such encodings in the order of the texts' UTF-8 bytes. Most texts are unchanged.
 */
export function toSortable(text: string): string {
  return DISORDERED.test(text) ? respelled(text, raised) : text;
}

/** Decodes a text encoded by `toSortable`. */
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
