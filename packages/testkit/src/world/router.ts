/**
 * Carries every request and reply through a simulated network. Interceptors of tests decide first, then the faults of
 * the link, then its delay. The trace records the fate of each message.
 */
import { type Address, UnderstudyError } from '@understudy/rpc';
import { Addresses } from './addresses.ts';
import type { Call } from './call.ts';
import { Interceptors } from './interceptors.ts';
import { Link, type LinkFaults } from './link.ts';
import { Links } from './links.ts';
import { Listening, type ListeningParts } from './listening.ts';
import type { Fate, Message, Trace } from './message.ts';
import { lost, type MessagePacket, messageOf, type Packet, receiverOf } from './packet.ts';
import type { ProcessRun } from './process-run.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** The probability that a request to a server is lost and, of the others, that the reply is lost. */
export interface Unreliability {
  readonly loseRequest: number;
  readonly loseReply: number;
}

/** A method threw an error that is no answer, or returned a result that is not JSON. */
export interface Defect {
  /** Virtual milliseconds. */
  readonly at: number;
  readonly process: string;
  readonly method: string;
  readonly error: unknown;
}

/** A duplicate arrives this much later, exponentially distributed: soon, or one time in ten much later. */
const DUPLICATE_SOON_MS = 10;
const DUPLICATE_LATE_MS = 1_000;
/** A replayed message arrives this much later. */
const REPLAY_MS = 5_000;
/** A message that leaves the queue arrives this much later. */
const REORDER_MS = 10;

export class Router {
  readonly trace: Trace;
  readonly defects: Defect[] = [];
  readonly addresses = new Addresses();
  readonly links: Links<Packet>;
  readonly interceptors = new Interceptors<MessagePacket>((packet) => this.#linkOf(packet).send(packet));
  /** By the called address; undefined if it is reliable. */
  unreliabilityOf: (address: Address) => Unreliability | undefined = () => undefined;
  readonly #virtual: VirtualClock;
  readonly #random: SeededRandom;
  #calls = 0;

  constructor(virtual: VirtualClock, random: SeededRandom, trace: Trace) {
    this.trace = trace;
    this.#virtual = virtual;
    this.#random = random;
    this.links = new Links({
      create: (from, to, faults) => this.#newLink(from, to, faults),
      nameOf: (party) => this.addresses.ownerOf(party) ?? party,
    });
  }

  nextCallNumber(): number {
    return ++this.#calls;
  }

  listen(parts: Omit<ListeningParts, 'answer' | 'defect'>): Listening {
    const listening: Listening = new Listening({
      ...parts,
      address: this.addresses.pick(parts.address),
      answer: (call, text) => this.#reply(listening, call, text),
      defect: (error, { method }) =>
        this.defects.push({ at: this.#virtual.now, process: parts.run.name, method, error }),
    });
    this.addresses.add(listening);
    return listening;
  }

  /**
   * Ends a listener and its connections; its process may be dead. Callers learn of it after the answers that left
   * before.
   */
  unlisten(listening: Listening): void {
    if (!this.addresses.remove(listening)) return;
    listening.close();
    this.#virtual.endOfTurn(() => {
      for (const call of listening.calls)
        this.links.get(listening.run.name, call.caller.name).send({ kind: 'lost', call });
    });
  }

  request(call: Call): void {
    const listening = this.addresses.reachedBy(call.caller.name, call.address);
    if (listening === undefined) return this.#refuse(call);
    call.sent();
    listening.calls.add(call);
    call.whenSettled(listening.forget);
    this.#send({ kind: 'message', message: messageOf('request', call, listening, call.text), call, listening });
  }

  /** Packets between the two are lost, and their calls fail. */
  reset(one: string, other: string): void {
    this.links.get(one, other).reset();
    this.links.get(other, one).reset();
    for (const listening of this.addresses.all()) {
      for (const call of listening.calls) {
        const [caller, callee] = [call.caller.name, listening.run.name];
        if ((caller === one && callee === other) || (caller === other && callee === one))
          this.#tell(call, 0, lost(call, 'the connection was reset'));
      }
    }
  }

  #reply(listening: Listening, call: Call, text: string): void {
    const message = messageOf('reply', call, listening, text);
    listening.run.leave(() => this.#send({ kind: 'message', message, call, listening }));
  }

  #send(packet: MessagePacket): void {
    const { message } = packet;
    this.#note(message, 'sent');
    const verdict = this.interceptors.judge(packet);
    const link = this.#linkOf(packet);
    if (verdict === undefined) this.#sendThrough(link, packet);
    else if (verdict === 'hold') this.#note(message, 'held', 'intercepted');
    else if (verdict === 'drop') this.#note(message, 'dropped', 'intercepted');
    else if (verdict === 'reset') this.#breakAt(message);
    else if (verdict === 'duplicate') {
      link.send(packet);
      link.sendAside(packet, 0);
    } else link.sendAside(packet, verdict.delayMs);
  }

  #sendThrough(link: Link<Packet>, packet: MessagePacket): void {
    const { message } = packet;
    const { random, faults } = link;
    if (this.#losesUnreliably(packet, random)) this.#note(message, 'dropped', 'unreliable');
    else if (random.chance(faults.drop)) this.#note(message, 'dropped', 'fault');
    else if (message.kind === 'reply' && random.chance(faults.loseReply)) this.#note(message, 'dropped', 'reply lost');
    else if (random.chance(faults.reset)) this.#breakAt(message);
    else this.#carry(link, packet);
  }

  #losesUnreliably({ message, call }: MessagePacket, random: SeededRandom): boolean {
    if (message.kind === 'reply') return call.replyLost;
    const unreliability = this.unreliabilityOf(message.address);
    if (unreliability === undefined) return false;
    if (random.chance(unreliability.loseRequest)) return true;
    call.replyLost = random.chance(unreliability.loseReply);
    return false;
  }

  #breakAt(message: Message): void {
    this.#note(message, 'dropped', 'reset');
    this.reset(message.from, message.to);
  }

  #carry(link: Link<Packet>, packet: MessagePacket): void {
    const { random, faults } = link;
    if (random.chance(faults.duplicate)) {
      link.sendAside(packet, random.exponential(random.chance(0.1) ? DUPLICATE_LATE_MS : DUPLICATE_SOON_MS));
    }
    if (random.chance(faults.replay)) link.sendAside(packet, random.exponential(REPLAY_MS));
    if (random.chance(faults.reorder)) link.sendAside(packet, random.exponential(REORDER_MS));
    else link.send(packet);
  }

  /** Everything that arrives over a link at once is one turn of the receiving process. */
  #arrive(packets: readonly Packet[]): void {
    let start = 0;
    while (start < packets.length) {
      const run = receiverOf(packets[start] as Packet);
      let end = start + 1;
      while (end < packets.length && receiverOf(packets[end] as Packet) === run) end++;
      this.#arriveAt(run, start === 0 && end === packets.length ? packets : packets.slice(start, end));
      start = end;
    }
  }

  #arriveAt(run: ProcessRun, packets: readonly Packet[]): void {
    if (run.alive) {
      run.enter('message', () => {
        for (const packet of packets) this.#take(packet);
      });
      return;
    }
    for (const packet of packets)
      if (packet.kind === 'message') this.#note(packet.message, 'dropped', 'its process died');
  }

  #take(packet: Packet): void {
    const { call } = packet;
    if (packet.kind === 'lost') call.fail(lost(call, 'the connection ended'));
    else if (call.withdrawn) this.#note(packet.message, 'withdrawn');
    else if (packet.message.kind === 'reply') this.#takeReply(packet.message, call);
    else if (packet.listening.open) {
      this.#note(packet.message, 'delivered');
      packet.listening.receive(call);
    } else this.#note(packet.message, 'dropped', 'nobody listens any more');
  }

  #takeReply(message: Message, call: Call): void {
    this.#note(message, call.pending ? 'delivered' : 'unclaimed');
    if (!call.pending) return;
    const answer: { readonly result?: unknown; readonly error?: unknown } = JSON.parse(message.text);
    if (answer.error === undefined) call.succeed(answer.result);
    else call.fail(UnderstudyError.fromWire(answer.error));
  }

  /** No process listens. The caller learns that after a round trip, unless the link is blocked. */
  #refuse(call: Call): void {
    const owner = this.addresses.ownerOf(call.address);
    const caller = call.caller.name;
    if (owner !== undefined && (this.links.get(caller, owner).blocked || this.links.get(owner, caller).blocked)) {
      call.sent();
      return;
    }
    const refused = UnderstudyError.answered('UNREACHABLE', `nobody listens at ${call.address}`);
    this.#tell(call, 2 * this.links.faults.latencyMs, refused);
  }

  #tell(call: Call, delayMs: number, error: UnderstudyError): void {
    this.#virtual.at(this.#virtual.now + delayMs, () => call.caller.enter('message', () => call.fail(error)));
  }

  #linkOf({ message }: MessagePacket): Link<Packet> {
    return this.links.get(message.from, message.to);
  }

  #newLink(from: string, to: string, faults: LinkFaults): Link<Packet> {
    const note = (packet: Packet, fate: Fate, reason: string) => {
      if (packet.kind === 'message') this.#note(packet.message, fate, reason);
    };
    return new Link<Packet>({
      virtual: this.#virtual,
      random: this.#random.stream(`${from} > ${to}`),
      faults,
      arrive: (packets) => this.#arrive(packets),
      lose: (packet, reason) => note(packet, 'dropped', reason),
      keep: (packet) => note(packet, 'held', 'clogged'),
      laneOf: ({ call }) => call.lane,
      lengthOf: (packet) => (packet.kind === 'message' ? packet.message.text.length : 0),
      onState: (state) => this.trace.onDisturbance?.({ kind: 'link', from, to, state }),
    });
  }

  #note(message: Message, fate: Fate, reason = ''): void {
    this.trace.add({ at: this.#virtual.now, fate, message, reason });
  }
}
