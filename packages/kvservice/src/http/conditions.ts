/** Conditional HTTP requests (RFC 9110, section 13). The entity tag of a key is its revision. */
import { UnderstudyError } from '@understudy/rpc';

/** The present revision of a key; 0 if the key is absent. */
export type Revision = number;

export interface Conditions {
  readonly match: Tags | undefined;
  readonly noneMatch: Tags | undefined;
}

/**
 * `*` for any existing key, or a list of tags. A tag that no revision can have is left out, because it matches nothing.
 */
type Tags = '*' | readonly Tag[];

interface Tag {
  readonly revision: Revision;
  readonly isWeak: boolean;
}

export function conditionsOf(headers: Readonly<Record<string, string>>): Conditions | undefined {
  const match = tagsOf('If-Match', headers['if-match']);
  const noneMatch = tagsOf('If-None-Match', headers['if-none-match']);
  return match === undefined && noneMatch === undefined ? undefined : { match, noneMatch };
}

export function etagOf(revision: Revision): string {
  return `"${revision}"`;
}

/** The condition that a key with that revision does not meet; undefined if it meets both. */
export function unmet({ match, noneMatch }: Conditions, revision: Revision): 'match' | 'none-match' | undefined {
  if (match !== undefined && !names(match, revision, false)) return 'match';
  if (noneMatch !== undefined && names(noneMatch, revision, true)) return 'none-match';
  return undefined;
}

/** The only revision that can meet the conditions, if that is known without reading the key. */
export function onlyRevision({ match, noneMatch }: Conditions): Revision | undefined {
  if (match === undefined) return noneMatch === '*' ? 0 : undefined;
  if (noneMatch !== undefined || match === '*') return undefined;
  const strong = match.filter(({ isWeak }) => !isWeak);
  return strong.length === 1 ? strong[0]?.revision : undefined;
}

export function preconditionFailed(revision: Revision): UnderstudyError {
  const message = revision === 0 ? 'the key is absent' : `the key has revision ${revision}`;
  return new UnderstudyError('PRECONDITION_FAILED', message, {
    data: { revision: revision === 0 ? null : revision },
  });
}

/** A weak tag matches only in a weak comparison (RFC 9110, 8.8.3.2). */
function names(tags: Tags, revision: Revision, weakly: boolean): boolean {
  if (tags === '*') return revision !== 0;
  return tags.some((tag) => tag.revision === revision && (weakly || !tag.isWeak));
}

function tagsOf(field: string, text: string | undefined): Tags | undefined {
  if (text === undefined) return undefined;
  if (text.trim() === '*') return '*';
  if (!LIST.test(text)) throw malformed(field);
  return [...text.matchAll(TAG)].flatMap(([, weak, opaque = '']) =>
    /^[1-9]\d{0,15}$/.test(opaque) ? [{ revision: Number(opaque), isWeak: weak !== undefined }] : [],
  );
}

const TAG = /(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"/g;
const LIST = new RegExp(`^\\s*${TAG.source}(\\s*,\\s*${TAG.source})*\\s*$`);

function malformed(field: string): UnderstudyError {
  const message = `${field} must be * or entity tags, such as "12"`;
  return new UnderstudyError('INVALID_PARAMS', message, { data: { field } });
}
