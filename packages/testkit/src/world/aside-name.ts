/** The names of directories that are set aside. */

/** The first free name of `<directory>.damaged-1`, `-2`, ... */
export function asideNameOf(directory: string, taken: { has(name: string): boolean }): string {
  let number = 1;
  while (taken.has(`${directory}.damaged-${number}`)) number++;
  return `${directory}.damaged-${number}`;
}

export function hasAside(directory: string, names: Iterable<string>): boolean {
  const start = `${directory}.damaged-`;
  return [...names].some((name) => name.startsWith(start));
}
