/** The planned events, the earliest first. Events at the same time are in the order in which they were planned. */

/** One planned event. Without `run`, it was cancelled or has happened. */
export interface PlannedEvent {
  readonly time: number;
  readonly sequence: number;
  run: (() => void) | undefined;
}

/**
 * A binary heap. A cancelled event stays in it until it reaches the top, or until cancelled events outnumber the
 * others.
 */
export class EventHeap {
  #events: PlannedEvent[] = [];
  #cancelled = 0;
  #sequence = 0;

  /** The number of events that were neither taken nor cancelled. */
  get size(): number {
    return this.#events.length - this.#cancelled;
  }

  add(time: number, run: () => void): PlannedEvent {
    const event: PlannedEvent = { time, sequence: this.#sequence++, run };
    this.#events.push(event);
    this.#siftUp(this.#events.length - 1);
    return event;
  }

  cancel(event: PlannedEvent): void {
    if (event.run === undefined) return;
    event.run = undefined;
    this.#cancelled++;
    if (this.#cancelled > 1_024 && this.#cancelled > this.#events.length / 2) this.#compact();
  }

  /** The time of the earliest event; Infinity if there is none. */
  get next(): number {
    while (this.#events[0] !== undefined && this.#events[0].run === undefined) {
      this.#pop();
      this.#cancelled--;
    }
    return this.#events[0]?.time ?? Infinity;
  }

  /** Removes the earliest event and returns it. */
  take(): { readonly time: number; readonly run: () => void } | undefined {
    for (;;) {
      const event = this.#pop();
      if (event === undefined) return undefined;
      const { time, run } = event;
      if (run === undefined) {
        this.#cancelled--;
        continue;
      }
      event.run = undefined;
      return { time, run };
    }
  }

  #pop(): PlannedEvent | undefined {
    const events = this.#events;
    const first = events[0];
    const last = events.pop();
    if (first !== last && last !== undefined) {
      events[0] = last;
      this.#siftDown(0);
    }
    return first;
  }

  #siftUp(from: number): void {
    const events = this.#events;
    const event = events[from] as PlannedEvent;
    let at = from;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = events[up] as PlannedEvent;
      if (isBefore(parent, event)) break;
      events[at] = parent;
      at = up;
    }
    events[at] = event;
  }

  #siftDown(from: number): void {
    const events = this.#events;
    const event = events[from] as PlannedEvent;
    const end = events.length;
    let at = from;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= end) break;
      const right = down + 1;
      if (right < end && isBefore(events[right] as PlannedEvent, events[down] as PlannedEvent)) down = right;
      const child = events[down] as PlannedEvent;
      if (isBefore(event, child)) break;
      events[at] = child;
      at = down;
    }
    events[at] = event;
  }

  #compact(): void {
    this.#events = this.#events.filter((event) => event.run !== undefined);
    this.#cancelled = 0;
    for (let at = (this.#events.length >> 1) - 1; at >= 0; at--) this.#siftDown(at);
  }
}

function isBefore(one: PlannedEvent, other: PlannedEvent): boolean {
  return one.time < other.time || (one.time === other.time && one.sequence < other.sequence);
}
