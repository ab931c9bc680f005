/** Where a directory goes that is in the way. */

/** The first of `<directory>.damaged-1`, `-2`, ... that is free. */
export function asideNameOf(directory: string, taken: { has(name: string): boolean }): string {
  let number = 1;
  while (taken.has(`${directory}.damaged-${number}`)) number++;
  return `${directory}.damaged-${number}`;
}
