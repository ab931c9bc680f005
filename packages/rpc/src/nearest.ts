/** Finds the name that a user may have meant when one was mistyped. */

/**
 * Returns the nearest name within two insertions, deletions, replacements or swaps of neighbours, and less than half of
 * the word.
 */
export function nearest(typed: string, names: readonly string[]): string | undefined {
  const most = Math.min(2, Math.floor(typed.length / 2));
  if (typed.length > 20) return undefined;
  const [best] = names
    .map((name) => ({ name, distance: distance(typed, name) }))
    .filter((it) => it.distance <= most)
    .sort((one, other) => one.distance - other.distance);
  return best?.name;
}

/** The Damerau-Levenshtein distance, as optimal string alignment. */
function distance(from: string, to: string): number {
  let [before, above]: [number[], number[]] = [[], Array.from({ length: to.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= from.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      line[column] = Math.min(
        (above[column] ?? 0) + 1,
        (line[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (isSame ? 0 : 1),
        isSwap ? (before[column - 2] ?? 0) + 1 : Infinity,
      );
    }
    [before, above] = [above, line];
  }
  return above[to.length] ?? 0;
}
