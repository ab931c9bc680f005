/**
 * A copy of a value, to be compared later with other values by their JSON. Invariants keep many values, and nearly all
 * of them equal the values that they are compared with. So the JSON is built only if the fields alone do not show
 * equality.
 */

type Scalar = string | number | boolean | null | undefined;

export class KeptJson {
  /** A copy, because the value may change later. Undefined if a field is not a scalar. */
  readonly #fields: Readonly<Record<string, Scalar>> | undefined;
  readonly #text: string;

  constructor(value: object) {
    this.#fields = copyOf(value);
    this.#text = this.#fields === undefined ? JSON.stringify(value) : '';
  }

  get text(): string {
    return this.#fields === undefined ? this.#text : JSON.stringify(this.#fields);
  }

  /** Whether both values have the same JSON. */
  isLike(value: object): boolean {
    return (this.#fields !== undefined && haveSameFields(this.#fields, value)) || this.text === JSON.stringify(value);
  }

  isSameAs(other: KeptJson): boolean {
    if (this.#fields === undefined || other.#fields === undefined) return this.text === other.text;
    return haveSameFields(this.#fields, other.#fields) || this.text === other.text;
  }
}

function copyOf(value: object): Readonly<Record<string, Scalar>> | undefined {
  if (Array.isArray(value) || 'toJSON' in value) return undefined;
  for (const field of Object.values(value)) if (typeof field === 'object' && field !== null) return undefined;
  return { ...value };
}

/** The same values under the same names in the same order. */
function haveSameFields(one: Readonly<Record<string, Scalar>>, other: object): boolean {
  // An empty list has the same fields as an empty object.
  if (Array.isArray(other)) return false;
  const fields = other as Readonly<Record<string, unknown>>;
  const names = Object.keys(one);
  const others = Object.keys(fields);
  if (names.length !== others.length) return false;
  for (let at = 0; at < names.length; at++) {
    const name = names[at] as string;
    if (name !== others[at] || one[name] !== fields[name]) return false;
  }
  return true;
}
