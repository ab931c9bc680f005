/** The messages of a run, each from its sender to its fate, and those that are under way at a moment. */

/** @import { Message, Met, Sent, TraceEvent } from './trace.d.ts' */

/** The number of messages per group. The latest end of each group is kept, so that distant groups can be skipped. */
const GROUP = 256;

export class Messages {
  /** In the order of sending. @type {readonly Message[]} */
  all;
  /** The message that an event of the trace refers to. @type {ReadonlyMap<number, Message>} */
  byEvent;
  /** The latest end within each group. @type {readonly number[]} */
  #latest;

  /** @param {readonly TraceEvent[]} events */
  constructor(events) {
    const { all, byEvent } = pair(events);
    this.all = all;
    this.byEvent = byEvent;
    /** @type {number[]} */
    const latest = [];
    all.forEach(({ endAt }, at) => {
      const group = Math.floor(at / GROUP);
      latest[group] = Math.max(latest[group] ?? 0, endAt);
    });
    this.#latest = latest;
  }

  /**
   * Messages that were sent before `until` and ended after `from`, in the order of sending.
   * @param {number} from
   * @param {number} until
   * @returns {Message[]}
   */
  between(from, until) {
    /** @type {Message[]} */
    const found = [];
    for (let group = 0; group < this.#latest.length; group++) {
      const first = this.all[group * GROUP];
      if (first === undefined || first.sentAt > until) break;
      if (/** @type {number} */ (this.#latest[group]) < from) continue;
      for (const message of this.all.slice(group * GROUP, (group + 1) * GROUP)) {
        if (message.sentAt <= until && message.endAt >= from) found.push(message);
      }
    }
    return found;
  }
}

/** @param {readonly TraceEvent[]} events */
function pair(events) {
  /** @type {Message[]} */
  const all = [];
  /** @type {Map<number, Message>} */
  const byEvent = new Map();
  /** Messages under way, oldest first; and the last of each name, for copies. @type {Map<string, Message[]>} */
  const underWay = new Map();
  /** @type {Map<string, Message>} */
  const last = new Map();
  events.forEach((event, place) => {
    if (event.kind === 'sent') {
      const message = sentMessage(event, place, all.length);
      all.push(message);
      byEvent.set(place, message);
      const name = nameOf(event);
      underWay.set(name, [...(underWay.get(name) ?? []), message]);
      last.set(name, message);
    } else if (event.kind === 'received' || event.kind === 'lost') {
      const name = nameOf(event);
      const message = underWay.get(name)?.shift() ?? copyOf(last.get(name), event, all);
      if (underWay.get(name)?.length === 0) underWay.delete(name);
      end(message, event, place);
      byEvent.set(place, message);
    } else if (event.kind === 'held') {
      const message = underWay.get(nameOf(event))?.[0] ?? last.get(nameOf(event));
      if (message !== undefined) byEvent.set(place, message);
    }
  });
  all.sort((one, other) => one.sentAt - other.sentAt || one.id - other.id);
  return { all, byEvent };
}

/** @param {Sent | Met} event */
function nameOf({ call, message }) {
  return `${message} ${call}`;
}

/**
 * @param {Sent} event
 * @param {number} place
 * @param {number} id
 * @returns {Message}
 */
function sentMessage({ message, call, from, to, method, brief, size, at }, place, id) {
  const open = { ended: -1, endAt: Number.POSITIVE_INFINITY, isLost: false, reason: '' };
  return { id, message, call, from, to, method, brief, size, sentAt: at, sent: place, isCopy: false, ...open };
}

/**
 * A message arrives once more: the copy starts where the first message started.
 * @param {Message | undefined} original undefined if the trace does not start at the beginning
 * @param {Met} event
 * @param {Message[]} all
 */
function copyOf(original, event, all) {
  const { message, call, from, to, method, at } = event;
  const copy = sentMessage({ kind: 'sent', message, call, from, to, method, at, brief: '', size: 0 }, -1, all.length);
  const whole = {
    ...(original ?? copy),
    id: all.length,
    ended: -1,
    endAt: at,
    isLost: false,
    reason: '',
    isCopy: true,
  };
  all.push(whole);
  return whole;
}

/**
 * @param {Message} message
 * @param {Met} event
 * @param {number} place
 */
function end(message, { kind, at, reason }, place) {
  message.ended = place;
  message.endAt = at;
  message.isLost = kind === 'lost';
  message.reason = reason;
}
