/** The queue of events gives them in order, whatever is added and cancelled in between. */
import { expect } from 'chai';
import fc from 'fast-check';
import { EventHeap, type PlannedEvent } from '../../../packages/testkit/src/world/event-heap.ts';

type Step =
  | { readonly kind: 'add'; readonly time: number }
  | { readonly kind: 'cancel'; readonly which: number }
  | { readonly kind: 'take' };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('add' as const), time: fc.integer({ min: 0, max: 20 }) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('cancel' as const), which: fc.nat() }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('take' as const) }) },
  ),
  { maxLength: 300 },
);

/** The slow and obvious heap: event number and time, in order of planning. */
class Model {
  entries: { readonly number: number; readonly time: number }[] = [];

  take(): number | undefined {
    const first = this.entries.toSorted((a, b) => a.time - b.time || a.number - b.number)[0];
    this.entries = this.entries.filter((entry) => entry !== first);
    return first?.number;
  }
}

describe('EventHeap', () => {
  it('does what an obvious list does', () => {
    fc.assert(
      fc.property(steps, (plan) => {
        const heap = new EventHeap();
        const model = new Model();
        const events: PlannedEvent[] = [];
        const ran: number[] = [];
        for (const step of plan) {
          if (step.kind === 'add') {
            const number = events.length;
            events.push(heap.add(step.time, () => ran.push(number)));
            model.entries.push({ number, time: step.time });
          } else if (step.kind === 'cancel' && events.length > 0) {
            const number = step.which % events.length;
            heap.cancel(events[number] as PlannedEvent);
            model.entries = model.entries.filter((entry) => entry.number !== number);
          } else if (step.kind === 'take') {
            heap.take()?.run();
            const expected = model.take();
            if (expected !== undefined) expect(ran.at(-1)).to.equal(expected);
          }
          expect(heap.size).to.equal(model.entries.length);
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('forgets cancelled events when they outnumber the others', () => {
    const heap = new EventHeap();
    const kept: number[] = [];
    const cancelled: PlannedEvent[] = [];
    for (let time = 20_000; time > 0; time--) {
      if (time % 10 === 0) heap.add(time, () => kept.push(time));
      else cancelled.push(heap.add(time, () => kept.push(-1)));
    }
    for (const event of cancelled) heap.cancel(event);
    expect(heap.size).to.equal(2_000);
    for (let event = heap.take(); event !== undefined; event = heap.take()) event.run();
    expect(kept).to.deep.equal(Array.from({ length: 2_000 }, (_, at) => (at + 1) * 10));
  });
});
