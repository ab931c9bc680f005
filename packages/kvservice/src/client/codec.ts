/**
 * Codecs convert a program's values to the texts that the servers store, and back. Without a codec, `KVClient` stores
 * texts as they are.
 */
import { UnderstudyError } from '@understudy/rpc';

export interface Codec<Value> {
  /** The name in error messages. */
  readonly name: string;
  /**
   * Returns well-formed text, or throws if the value cannot be encoded. Equal values must give equal texts, or `cas`
   * does not find them equal.
   */
  encode(value: Value): string;
  /** Throws if the text is not valid for this codec. */
  decode(text: string): Value;
}

const BYTES: Codec<Uint8Array> = {
  name: 'bytes',
  encode(value) {
    if (value instanceof Uint8Array)
      return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
    throw new TypeError('it is no Uint8Array');
  },
  decode(text) {
    const bytes = Buffer.from(text, 'base64');
    if (bytes.toString('base64') !== text) throw new TypeError('it is not in base64');
    return new Uint8Array(bytes);
  },
};

const JSON_TEXT: Codec<unknown> = {
  name: 'json',
  encode(value) {
    const text: string | undefined = JSON.stringify(value);
    if (text === undefined) throw new TypeError('JSON has no text for it');
    return text;
  },
  decode: (text) => JSON.parse(text),
};

/** The codecs included with the client. */
export const codecs = {
  /**
   * JSON texts. What is read is not checked against the requested type. `cas` compares texts, so the order of fields
   * matters.
   */
  json: <Value = unknown>(): Codec<Value> => JSON_TEXT as Codec<Value>,
  /** Bytes, stored as base64, which takes a third more space. */
  bytes: (): Codec<Uint8Array> => BYTES,
} as const;

/**
 * Encodes a value. Throws INVALID_PARAMS, which names the field. Callers handle null and undefined, which mean
 * "absent".
 */
export function textOf<Value>(codec: Codec<Value> | undefined, field: string, value: Value): string {
  if (codec === undefined) return value as string;
  try {
    return codec.encode(value);
  } catch (error) {
    throw undoable('INVALID_PARAMS', `${field}: the codec ${codec.name} cannot encode it`, { field, error });
  }
}

/**
 * Decodes a text that was read. Throws INVALID_VALUE, which names the key. The failure is definite, because a read
 * changes nothing.
 */
export function valueOf<Value>(codec: Codec<Value> | undefined, key: string, text: string): Value {
  if (codec === undefined) return text as Value;
  try {
    return codec.decode(text);
  } catch (error) {
    throw undoable('INVALID_VALUE', `the value of ${JSON.stringify(key)} is not what the codec ${codec.name} reads`, {
      field: 'value',
      error,
    });
  }
}

/**
 * Throws INVALID_PARAMS if the client has a codec: the operation works on the text itself, which means nothing to the
 * codec.
 */
export function assertText(codec: Pick<Codec<never>, 'name'> | undefined, operation: string): void {
  if (codec === undefined) return;
  const message = `${operation} works on texts only; this client has the codec ${codec.name}`;
  throw new UnderstudyError('INVALID_PARAMS', message, { data: { field: 'codec' } });
}

interface Blame {
  readonly field: string;
  readonly error: unknown;
}

function undoable(name: 'INVALID_PARAMS' | 'INVALID_VALUE', message: string, { field, error }: Blame): UnderstudyError {
  const why = error instanceof Error ? `: ${error.message}` : '';
  return new UnderstudyError(name, `${message}${why}`, { definite: true, data: { field }, cause: error });
}
