/**
 * Codecs: how a program's values become the texts that the servers keep, and come back. `KVClient` keeps texts as they are unless it is given
 * one of these.
 */
import { UnderstudyError } from '@understudy/rpc';

export interface Codec<Value> {
  /** As error messages call it. */
  readonly name: string;
  /** Well-formed text; throws where this value has none. Equal values must give equal texts for `cas` to find them equal. */
  encode(value: Value): string;
  /** Throws where the text is none of this codec. */
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

/** The codecs that come with the client. */
export const codecs = {
  /** JSON texts. Nothing compares what is read with the type that is asked for. `cas` compares texts, so the order of fields counts. */
  json: <Value = unknown>(): Codec<Value> => JSON_TEXT as Codec<Value>,
  /** Bytes, kept as base64, which takes a third more room. */
  bytes: (): Codec<Uint8Array> => BYTES,
} as const;

/** The text of a value; throws INVALID_PARAMS naming the field. Null and undefined stay null: they mean "absent". */
export function textOf<Value>(codec: Codec<Value> | undefined, field: string, value: Value): string {
  if (codec === undefined) return value as string;
  try {
    return codec.encode(value);
  } catch (error) {
    throw undoable('INVALID_PARAMS', `${field}: the codec ${codec.name} cannot encode it`, { field, error });
  }
}

/** The value of a text that was read; throws INVALID_VALUE naming the key. Nothing was changed by what was only read. */
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

/** Throws INVALID_PARAMS: the operation works on the text itself, which means nothing to this codec. */
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
