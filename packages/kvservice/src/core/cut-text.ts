/**
 * Cuts a piece off a long text. It never splits a surrogate pair, because half of one is not valid text and the
 * receiver would refuse it.
 */
export function cutText(text: string, from: number, units: number): string {
  let end = from + Math.max(1, Math.floor(units));
  const last = text.charCodeAt(end - 1);
  if (last >= 0xd800 && last <= 0xdbff) end += 1;
  return text.slice(from, end);
}
