/** Cuts a piece off a long text. A pair of surrogates stays together: half of one is no text, and would be refused on arrival. */
export function cutText(text: string, from: number, units: number): string {
  let end = from + Math.max(1, Math.floor(units));
  const last = text.charCodeAt(end - 1);
  if (last >= 0xd800 && last <= 0xdbff) end += 1;
  return text.slice(from, end);
}
