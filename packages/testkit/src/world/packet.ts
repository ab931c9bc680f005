/** What travels on the links of a simulated network. */
import { UnderstudyError } from '@understudy/rpc';
import type { Call } from './call.ts';
import type { Listening } from './listening.ts';
import type { Message } from './message.ts';
import type { ProcessRun } from './process-run.ts';

export type MessagePacket = {
  readonly kind: 'message';
  readonly message: Message;
  readonly call: Call;
  readonly listening: Listening;
};

/** `lost` is the news that a connection ended. */
export type Packet = MessagePacket | { readonly kind: 'lost'; readonly call: Call };

export function messageOf(kind: Message['kind'], call: Call, listening: Listening, text: string): Message {
  const caller = call.caller.name;
  const callee = listening.run.name;
  const [from, to] = kind === 'request' ? [caller, callee] : [callee, caller];
  return { kind, call: call.number, from, to, address: call.address, method: call.method, text };
}

export function receiverOf(packet: Packet): ProcessRun {
  const isRequest = packet.kind === 'message' && packet.message.kind === 'request';
  return isRequest ? packet.listening.run : packet.call.caller;
}

export function lost(call: Call, how: string): UnderstudyError {
  return UnderstudyError.answered('CONNECTION_LOST', `${how} before ${call.address} answered ${call.method}`);
}
