/** The same while it is made: what is built field by field needs no copy, and a field that is left out stays left out. */
export type Writable<T> = { -readonly [F in keyof T]: T[F] };
