/**
 * Compares what a batch of seeds never reached with the list of what it need not reach.
 *
 * A stretch that is not listed is code that no simulated run has ever tried: extend the simulation, or list the stretch
 * with its reason. A listed stretch that was reached is a reason that is no longer true.
 */
import type { Stretch } from './stretches.ts';

/** Reason -> file -> first lines of stretches; `*` is the whole file. */
export type Unreached = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** By file, relative to `packages/`. */
export type Found = ReadonlyMap<string, readonly Stretch[]>;

export interface Difference {
  /** Never reached, and not listed. */
  readonly unlisted: readonly Located[];
  /** Listed, but reached or gone. */
  readonly outdated: readonly Located[];
  /** Never reached, and listed. */
  readonly expected: number;
}

export interface Located {
  readonly file: string;
  readonly code: string;
  readonly line?: number;
}

const WHOLE_FILE = '*';

export function compare(found: Found, listed: Unreached): Difference {
  const isListed = ({ file, code }: Located) =>
    Object.values(listed).some(({ [file]: codes = [] }) => codes.includes(WHOLE_FILE) || codes.includes(code));
  const isFound = ({ file, code }: Located) =>
    (found.get(file) ?? []).some((stretch) => code === WHOLE_FILE || code === stretch.code);
  const all = [...found].flatMap(([file, stretches]) => stretches.map(({ code, line }) => ({ file, code, line })));
  const unlisted = all.filter((stretch) => !isListed(stretch));
  const outdated = entriesOf(listed).filter((entry) => !isFound(entry));
  return { unlisted, outdated, expected: all.length - unlisted.length };
}

function entriesOf(lists: Unreached): readonly Located[] {
  return Object.values(lists).flatMap((files) =>
    Object.entries(files).flatMap(([file, codes]) => codes.map((code) => ({ file, code }))),
  );
}
