/** One key that clients append unique tokens to and read: what linearizability asks of it, checked exactly. */

interface Call {
  readonly kind: 'append' | 'get';
  readonly token: string;
  readonly began: number;
  ended: number;
  value: string;
}

/** An append, and where the longest value shows it; Infinity: nowhere. */
interface Placed {
  readonly append: Call;
  readonly place: number;
}

/**
 * Appends to one key form one order, which every longer value shows. So a history is linearizable exactly when every read shows a
 * beginning of the longest value, that value is made of appends, each there once, and no call comes before another that had
 * ended when it began: neither of two appends, nor of two reads, nor of an append and a read.
 */
export class Register {
  readonly #calls: Call[] = [];
  readonly #open = new Map<string, Call>();

  /** No token may be part of another one, nor arise where two meet. */
  begins(kind: 'append' | 'get', token: string, now: number): void {
    const call = { kind, token, began: now, ended: Number.POSITIVE_INFINITY, value: '' };
    this.#calls.push(call);
    this.#open.set(token, call);
  }

  ends(kind: 'append' | 'get', token: string, now: number, value: string): void {
    const call = this.#open.get(token);
    if (call === undefined || call.kind !== kind) throw new Error(`${kind} ${token} ended without having begun`);
    call.ended = now;
    call.value = value;
    this.#open.delete(token);
  }

  get answered(): number {
    return this.#calls.filter(({ ended }) => ended < Number.POSITIVE_INFINITY).length;
  }

  /** Throws an error that says what is wrong. */
  check(): void {
    const reads = this.#calls.filter(({ kind, ended }) => kind === 'get' && ended < Number.POSITIVE_INFINITY);
    const longest = reads.reduce((value, read) => (read.value.length > value.length ? read.value : value), '');
    for (const { value } of reads) {
      if (!longest.startsWith(value)) throw new Error(`reads disagree: ${value} and ${longest}`);
    }
    const placed = this.#calls
      .filter(({ kind }) => kind === 'append')
      .map((append) => ({ append, place: placeOf(append, longest) }))
      .sort((one, other) => one.place - other.place);
    checkWhole(placed, longest);
    checkAppends(placed);
    for (const read of reads) checkRead(read, placed);
    checkReads(reads);
  }
}

function placeOf({ token }: Call, longest: string): number {
  const place = longest.indexOf(token);
  if (place === -1) return Number.POSITIVE_INFINITY;
  if (longest.lastIndexOf(token) !== place) throw new Error(`append ${token} took effect more than once: ${longest}`);
  return place;
}

/** The longest value is made of appends and of nothing else. */
function checkWhole(placed: readonly Placed[], longest: string): void {
  let end = 0;
  for (const { append, place } of placed) {
    if (place === Number.POSITIVE_INFINITY) break;
    if (place !== end) throw new Error(`at ${end} of ${longest} there is what nobody appended`);
    end += append.token.length;
  }
  if (end !== longest.length) throw new Error(`at ${end} of ${longest} there is what nobody appended`);
}

/** From the last one back: an append before which one stands that began only after it had ended is out of order. */
function checkAppends(placed: readonly Placed[]): void {
  let first: Call | undefined;
  for (const { append, place } of [...placed].reverse()) {
    if (first !== undefined && place < Number.POSITIVE_INFINITY && first.ended < append.began) {
      throw new Error(
        `append ${append.token}, begun at ${append.began}, stands before ${first.token}, acknowledged at ${first.ended}`,
      );
    }
    if (first === undefined || append.ended < first.ended) first = append;
  }
}

function checkRead(read: Call, placed: readonly Placed[]): void {
  for (const { append, place } of placed) {
    const { token, began, ended } = append;
    const seen = place < read.value.length;
    if (seen && began >= read.ended)
      throw new Error(`read ${read.token} at ${read.ended} saw ${token}, begun at ${began}`);
    if (!seen && ended < read.began) {
      throw new Error(
        `read ${read.token}, begun at ${read.began}, missed ${token}, acknowledged at ${ended}: ${read.value}`,
      );
    }
  }
}

/** In the order in which they began, against the longest value that had been read by then. */
function checkReads(reads: readonly Call[]): void {
  const byEnd = [...reads].sort((one, other) => one.ended - other.ended);
  let next = 0;
  let earlier: Call | undefined;
  for (const later of [...reads].sort((one, other) => one.began - other.began)) {
    for (let read = byEnd[next]; read !== undefined && read.ended < later.began; read = byEnd[++next]) {
      if (earlier === undefined || read.value.length > earlier.value.length) earlier = read;
    }
    if (earlier !== undefined && later.value.length < earlier.value.length) {
      throw new Error(
        `read ${later.token} went back in time behind ${earlier.token}: ${later.value} after ${earlier.value}`,
      );
    }
  }
}
