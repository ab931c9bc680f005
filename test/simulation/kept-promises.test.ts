/** What a backup has promised ends early only by a release that its own primary has sent (L1, L6). */
import { expect } from 'chai';
import type { ObservedStep } from '../../packages/testkit/src/invariants/invariant.ts';
import { KeptPromises } from '../../packages/testkit/src/invariants/kept-promises.ts';

class Bench {
  readonly #invariant = new KeptPromises();
  /** The backup, as one run of it. */
  readonly #backup = { server: 'b:1', now: 0, promisedUntil: -Infinity, view: viewOf(2) };

  /** A primary sends its release to the backup. */
  sends(incarnation: string, viewnum: number): this {
    const message = { kind: 'release', incarnation, viewnum };
    const effects = [{ kind: 'send', to: 'b:1', message }];
    const sender = { server: 'a:1', now: 0, promisedUntil: -Infinity, view: viewOf(viewnum) };
    this.#invariant.onReplica({ event: { kind: 'tick' }, effects, replica: sender } as unknown as ObservedStep);
    return this;
  }

  /** A release comes to the backup, whoever sent it. */
  gets(incarnation: string, viewnum: number, promisedUntil: number): string | undefined {
    const message = { kind: 'release', incarnation, viewnum };
    return this.#step({ kind: 'message', message }, { promisedUntil });
  }

  promises(promisedUntil: number, viewnum = 2, now = this.#backup.now): string | undefined {
    return this.#step({ kind: 'turn-end' }, { promisedUntil, now, view: viewOf(viewnum) });
  }

  #step(event: object, change: object): string | undefined {
    Object.assign(this.#backup, change);
    const step = { event, effects: [{ kind: 'answer' }], replica: this.#backup };
    return this.#invariant.onReplica(step as unknown as ObservedStep);
  }
}

/** Of an odd number `c` is primary, otherwise `a`. */
function viewOf(viewnum: number): object {
  const primary = viewnum % 2 === 1 ? 'c:1' : 'a:1';
  return { viewnum, primary, backups: ['b:1'], syncing: [], incarnations: { [primary]: primary[0] } };
}

describe('a promise', () => {
  it('is renewed, and runs out', () => {
    const bench = new Bench();
    expect(bench.promises(100)).to.equal(undefined);
    expect(bench.promises(150)).to.equal(undefined);
    expect(bench.promises(-Infinity, 2, 150)).to.equal(undefined);
  });

  it('ends by the release of its own primary', () => {
    const bench = new Bench();
    bench.promises(100);
    expect(bench.sends('a', 2).gets('a', 2, -Infinity)).to.equal(undefined);
  });

  it('ends by nothing else: not by itself, nor by a release that nobody sent', () => {
    const broken = 'b:1 ended 100 ms early what it had promised to run a';
    const bench = new Bench();
    bench.promises(100);
    expect(bench.promises(-Infinity)).to.equal(broken);
    const other = new Bench();
    other.promises(100);
    expect(other.gets('a', 2, -Infinity)).to.equal(broken);
  });

  it('does not end by the release of another primary', () => {
    const bench = new Bench();
    bench.promises(100);
    bench.promises(120, 3);
    expect(bench.sends('c', 3).gets('c', 3, 100)).to.equal(undefined);
    const other = new Bench();
    other.promises(100);
    other.promises(120, 3);
    expect(other.sends('c', 3).gets('c', 3, -Infinity)).to.match(/had promised to run a$/);
  });

  it('does not end by a release of an earlier view, after which its primary took its leave back', () => {
    const bench = new Bench();
    bench.promises(100);
    bench.promises(120, 4);
    expect(bench.sends('a', 2).gets('a', 2, 120)).to.equal(undefined);
    expect(bench.gets('a', 2, -Infinity)).to.match(/had promised to run a$/);
  });
});
