import type { Timer } from '@understudy/rpc';
import { expect } from 'chai';
import type { Descriptor } from '../../../packages/cli/src/output/descriptor.ts';
import { LineWriter, RETRY_AFTER_MS } from '../../../packages/cli/src/output/line-writer.ts';

/** A place that takes writes when the test says so. */
class Place implements Descriptor {
  text = '';
  #under: { readonly bytes: Uint8Array; done: (error: Error | undefined, written: number) => void } | undefined;

  get isBusy(): boolean {
    return this.#under !== undefined;
  }

  write(bytes: Uint8Array, done: (error: Error | undefined, written: number) => void): void {
    expect(this.#under, 'one write at a time').to.equal(undefined);
    this.#under = { bytes, done };
  }

  /** The write under way ends: so many bytes of it are out, all unless told, and then perhaps an error. */
  end(upTo = Number.POSITIVE_INFINITY, error?: Error): void {
    const { bytes, done } = this.#under ?? expect.fail('nothing is written');
    this.#under = undefined;
    const written = Math.min(upTo, bytes.length);
    this.text += Buffer.from(bytes.subarray(0, written)).toString();
    done(error, written);
  }

  /** Takes everything that comes. */
  drain(): void {
    while (this.isBusy) this.end();
  }
}

/** Timers that fire when the test says so. */
class Timers {
  readonly #due = new Map<object, { readonly delayMs: number; readonly callback: () => void }>();

  readonly after = (delayMs: number, callback: () => void): Timer => {
    const timer = { cancel: () => void this.#due.delete(timer) };
    this.#due.set(timer, { delayMs, callback });
    return timer;
  };

  get delays(): readonly number[] {
    return [...this.#due.values()].map(({ delayMs }) => delayMs);
  }

  fire(): void {
    const due = [...this.#due.values()];
    this.#due.clear();
    for (const { callback } of due) callback();
  }
}

const FULL = new Error('no space left');

describe('LineWriter: a log that neither blocks nor ends its process', () => {
  let place: Place;
  let timers: Timers;
  let writer: LineWriter;

  beforeEach(() => {
    place = new Place();
    timers = new Timers();
    const gapInWords = (dropped: number, reason: string) => `gap ${dropped} ${reason}`;
    writer = new LineWriter({ descriptor: place, clock: timers, gapInWords });
  });

  const write = (...lines: readonly string[]) => {
    for (const line of lines) writer.write(line);
  };

  it('writes lines in order, those that came during a write together', () => {
    write('a', 'b', 'c');
    expect(place.text).to.equal('');
    place.end();
    expect(place.text).to.equal('a\n');
    place.end(1);
    place.end();
    expect(place.text).to.equal('a\nb\nc\n');
    expect([place.isBusy, writer.dropped]).to.deep.equal([false, 0]);
  });

  it('a failed write drops what waits; one line tells of it when writing works again, and is itself tried until then', () => {
    write('a', 'b', 'c');
    place.end(0, FULL);
    write('d');
    expect([writer.dropped, place.isBusy, timers.delays]).to.deep.equal([4, false, [RETRY_AFTER_MS]]);
    timers.fire();
    write('e');
    place.end(0, FULL);
    timers.fire();
    place.drain();
    write('f');
    place.drain();
    expect(place.text).to.equal('gap 5 no space left\nf\n');
    expect(writer.dropped).to.equal(5);
  });

  it('finishes a line of which a failed write has written a part, and drops only whole lines', () => {
    write('first');
    write('second', 'third', 'fourth');
    place.end();
    place.end('sec'.length, FULL);
    expect(writer.dropped).to.equal(2);
    timers.fire();
    place.end(0, FULL);
    timers.fire();
    place.drain();
    expect(place.text).to.equal('first\nsecond\ngap 2 no space left\n');
  });

  it('drops what does not fit in while nobody reads, and tells of it in its place, once', () => {
    const line = 'x'.repeat(1_000);
    for (let count = 0; count < 1_000; count++) write(line);
    expect(writer.dropped).to.be.within(700, 750);
    const kept = 1_000 - writer.dropped;
    place.end();
    write('still in the gap');
    place.drain();
    write('after');
    place.drain();
    const lines = place.text.split('\n');
    expect(lines.slice(0, kept)).to.deep.equal(Array(kept).fill(line));
    expect(lines.slice(kept)).to.deep.equal([`gap ${writer.dropped} nobody reads it`, 'after', '']);
    expect(writer.dropped + kept).to.equal(1_001);
  });

  it('closes when all is written, or when its patience is over: then it says so', async () => {
    expect(await writer.close(100)).to.equal(true);
    const slow = new LineWriter({ descriptor: place, clock: timers, gapInWords: () => '' });
    slow.write('a');
    const inTime = slow.close(100);
    expect(timers.delays).to.deep.equal([100]);
    place.end();
    expect([await inTime, timers.delays]).to.deep.equal([true, []]);
    const stuck = new LineWriter({ descriptor: place, clock: timers, gapInWords: () => '' });
    stuck.write('b');
    const late = stuck.close(100);
    timers.fire();
    expect(await late).to.equal(false);
  });

  it('tries a last time where writing failed before, and leaves no timer', async () => {
    write('a');
    place.end(0, FULL);
    const closed = writer.close(100);
    place.end();
    expect([await closed, place.text, timers.delays]).to.deep.equal([true, 'gap 1 no space left\n', []]);
  });
});
