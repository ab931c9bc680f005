/**
 * A type whose fields may be set, for building an object field by field: this needs no copy, and a field that is not
 * set stays absent.
 */
export type Writable<T> = { -readonly [F in keyof T]: T[F] };
