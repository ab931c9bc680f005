/** Reads the lines of a script as they arrive. Each is bounded in length, and well-formed UTF-8. */

/** Bytes. Far more than the largest request may have. */
const LONGEST_LINE = 16 * 1024 * 1024;

/** `broken`: this line cannot be read. */
export type ScriptLine =
  | { readonly kind: 'line'; readonly number: number; readonly text: string }
  | { readonly kind: 'broken'; readonly number: number; readonly fault: string };

const NEWLINE = 0x0a;

/** @param longest The most bytes of a line, without its end. */
export async function* linesOf(
  chunks: AsyncIterable<Buffer | string>,
  longest: number = LONGEST_LINE,
): AsyncGenerator<ScriptLine, void, undefined> {
  let number = 1;
  let line = new PartialLine(longest);
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      line.add(bytes.subarray(start, end));
      yield line.read(number);
      number += 1;
      line = new PartialLine(longest);
      start = end + 1;
    }
    line.add(bytes.subarray(start));
  }
  if (line.length > 0) yield line.read(number);
}

class PartialLine {
  readonly #longest: number;
  #parts: Uint8Array[] = [];
  #length = 0;

  constructor(longest: number) {
    this.#longest = longest;
  }

  get length(): number {
    return this.#length;
  }

  add(part: Uint8Array): void {
    this.#length += part.length;
    // The line is too long, so its text is not needed.
    if (this.#length > this.#longest) this.#parts = [];
    else this.#parts.push(part);
  }

  read(number: number): ScriptLine {
    if (this.#length > this.#longest) {
      return { kind: 'broken', number, fault: `the line is longer than ${this.#longest} bytes` };
    }
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: number > 1 }).decode(Buffer.concat(this.#parts));
      return { kind: 'line', number, text: text.replace(/\r$/, '') };
    } catch {
      return { kind: 'broken', number, fault: 'the line is not UTF-8' };
    }
  }
}
