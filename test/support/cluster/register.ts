/** One key that clients append unique tokens to and read: what linearizability asks of it, checked exactly. */

interface Call {
  readonly kind: 'append' | 'get';
  readonly token: string;
  readonly began: number;
  ended: number;
  value: string;
}

/**
 * Appends to one key form one order, which every longer value shows. So a history is linearizable exactly when every read shows a
 * beginning of the longest value, an append is seen once, after its call began, and by every read that began after its return, and
 * reads never go back in time.
 */
export class Register {
  readonly #calls: Call[] = [];
  readonly #open = new Map<string, Call>();

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
    const appends = this.#calls.filter(({ kind }) => kind === 'append');
    const longest = reads.reduce((value, read) => (read.value.length > value.length ? read.value : value), '');
    for (const read of reads) {
      if (!longest.startsWith(read.value)) throw new Error(`reads disagree: ${read.value} and ${longest}`);
      checkRead(read, appends);
    }
    for (const { token } of appends) {
      if (longest.split(token).length > 2) throw new Error(`append ${token} took effect more than once: ${longest}`);
    }
    checkOrder(reads);
  }
}

function checkRead(read: Call, appends: readonly Call[]): void {
  for (const { token, began, ended } of appends) {
    const seen = read.value.includes(token);
    if (seen && began >= read.ended)
      throw new Error(`read ${read.token} at ${read.ended} saw ${token}, begun at ${began}`);
    if (!seen && ended < read.began) {
      throw new Error(
        `read ${read.token}, begun at ${read.began}, missed ${token}, acknowledged at ${ended}: ${read.value}`,
      );
    }
  }
}

function checkOrder(reads: readonly Call[]): void {
  for (const earlier of reads) {
    for (const later of reads) {
      if (earlier.ended < later.began && later.value.length < earlier.value.length) {
        throw new Error(
          `read ${later.token} went back in time behind ${earlier.token}: ${later.value} after ${earlier.value}`,
        );
      }
    }
  }
}
