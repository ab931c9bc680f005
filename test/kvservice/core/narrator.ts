/** Puts effects and messages into one readable line each, for transcripts. */
import type { Effect, ReplicaNotice } from '../../../packages/kvservice/src/core/effect.ts';
import type { Answer, Message } from '../../../packages/kvservice/src/core/message.ts';
import type { Operation } from '../../../packages/kvservice/src/core/operation.ts';

export function narrateEffect(effect: Effect): string {
  switch (effect.kind) {
    case 'result':
      return `${nameOf(effect.requester)} gets ${JSON.stringify(effect.result)}`;
    case 'leased':
      return `${nameOf(effect.read.requester)} gets ${JSON.stringify(effect.result)}, if it is before ${effect.until.now}`;
    case 'failure':
      return `${nameOf(effect.requester)} is refused: ${effect.failure.name}, ${effect.failure.message}`;
    case 'answer':
      return `answers ${nameOf(effect.requester)}: ${narrateAnswer(effect.answer)}`;
    case 'send':
      return `sends ${effect.to}: ${narrateMessage(effect.message)}`;
    case 'persist':
      return `gives the disk write ${effect.number}`;
    case 'ping':
      return 'pings the monitor';
    case 'ask-monitor':
      return 'asks the monitor for the view';
    case 'ask-server':
      return `asks at ${effect.server} who is there`;
    case 'notice':
      return `notes ${narrateNotice(effect.notice)}`;
    case 'left':
      return effect.lost === '' ? 'has left' : `has left: ${effect.lost}`;
  }
}

export function narrateMessage(message: Message): string {
  const number = `#${message.number}`;
  switch (message.kind) {
    case 'prepare': {
      const { view, previous, entries, large, commit } = message;
      const whole = view === undefined ? '' : ' with the whole view';
      const small = entries.map(({ viewnum, operation }) => `${viewnum}:${narrateOperation(operation)}`).join(', ');
      const what = large === undefined ? small : `${large.viewnum}:the ${large.units} units that came in pieces`;
      return `prepare ${number} view ${message.viewnum}${whole}, after (${previous.viewnum},${previous.index}): [${what}], commit ${commit}`;
    }
    case 'piece': {
      const { entry, from, text } = message;
      return `piece ${number} view ${message.viewnum} of (${entry.viewnum},${entry.index}): ${text.length} units from ${from} on`;
    }
    case 'chunk':
      return `chunk ${number} view ${message.viewnum}, ${message.order} of transfer ${message.transfer} at (${message.position.viewnum},${message.position.index}): ${message.records.length} records${message.last ? ', the last' : ''}`;
    case 'release':
      return `release ${number} view ${message.viewnum}`;
    case 'position':
      return `asks for the commit index ${number}`;
  }
}

export function narrateAnswer(answer: Answer): string {
  switch (answer.kind) {
    case 'accepted':
      return `accepted, verified up to ${answer.verified}${answer.full === true ? ', full' : ''}`;
    case 'mismatch':
      return `mismatch, the log ends at (${answer.last.viewnum},${answer.last.index}), committed (${answer.commit.viewnum},${answer.commit.index})`;
    case 'taken':
      return `taken, next chunk ${answer.next} of transfer ${answer.transfer}`;
    case 'pieces':
      return `has ${answer.units} units of (${answer.entry.viewnum},${answer.entry.index})`;
    case 'no-room':
      return `no room for transfer ${answer.transfer}`;
    case 'unwanted':
      return `transfer ${answer.transfer} is unwanted`;
    case 'stale':
      return `stale, view ${answer.view.viewnum} has ${answer.view.primary} for primary`;
    case 'refused':
      return `refused, ${answer.reason}`;
    case 'position':
      return `commit index ${answer.commitIndex}`;
    case 'released':
    case 'view-wanted':
      return answer.kind;
  }
}

function narrateOperation(operation: Operation): string {
  const { kind, ...rest } = operation;
  const words = Object.values(rest).map((value) => (typeof value === 'string' ? value.slice(0, 20) : String(value)));
  return [kind, ...words].join(' ');
}

function narrateNotice({ kind, ...rest }: ReplicaNotice): string {
  if ('view' in rest && 'role' in rest) {
    const { viewnum, primary, backups, syncing } = rest.view;
    return `view ${viewnum}, as ${rest.role}: primary ${primary}, backups [${backups}], syncing [${syncing}]`;
  }
  const facts = Object.entries(rest).map(([name, value]) => `${name} ${String(value)}`);
  return [kind, ...facts].join(', ');
}

function nameOf(requester: unknown): string {
  if (typeof requester === 'string') return requester;
  const { from, number } = requester as { from: string; number: number };
  return `${from} on #${number}`;
}
