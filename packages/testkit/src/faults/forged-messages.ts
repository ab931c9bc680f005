/**
 * Forged messages to servers. Everything in them is correct or possible, except for the secret of the sender's
 * incarnation.
 */
import type { ReplicaInspection } from '@understudy/kvservice';
import type { View } from '@understudy/sysmonitor';
import { addressOf, nameOf } from '../simulation/cluster.ts';
import { FORGER, type Forger, type Forgery, NEWER_RUN } from './forgery.ts';
import type { FaultStage } from './stage.ts';

/** The server that the message is for, which knows a view, and that view. */
interface Target {
  readonly stage: FaultStage;
  readonly replica: ReplicaInspection;
  readonly view: View;
}

type Make = (target: Target) => Omit<Forgery, 'to'>;

/** Texts that are no operations. */
const NO_OPERATIONS: readonly unknown[] = [
  ['put', {}, 'v'],
  ['append', 'k', null],
  ['cas'],
  ['cas', 'k', 1, 'v'],
  ['delete'],
  ['openSession', 5],
  ['explode', 'k'],
  'put',
  null,
];

/** A view that no monitor gave, with any server, or none, as primary. */
function ofMadeUpView({ stage, replica, view }: Target): Omit<Forgery, 'to'> {
  const primary = stage.random.pick([addressOf(FORGER), ...stage.cluster.names.map(addressOf)]);
  const backups = primary === replica.server ? [] : [replica.server];
  const incarnations = { [replica.server]: replica.incarnation, [primary]: NEWER_RUN };
  const viewnum = view.viewnum + stage.random.pick([1, 2, 1_000, 900_000]);
  const madeUp = { ...view, viewnum, primary, backups, syncing: [], incarnations };
  const sender = { ...envelope({ stage, replica, view }), server: primary, incarnation: NEWER_RUN, viewnum };
  const previous = stage.random.chance(0.5) ? { viewnum: 1, index: 1 } : endOf(replica);
  const params = { ...sender, view: madeUp, previous, entries: [], commit: previous.index };
  return { what: `a prepare of view ${viewnum}, which nobody gave`, method: 'kv.prepare', params };
}

function ofMadeUpEntry(target: Target): Omit<Forgery, 'to'> {
  const { replica, view } = target;
  const previous = endOf(replica);
  const operations = [['put', keyIn(replica), 'forged']];
  const entries = [{ viewnum: view.viewnum, operations }];
  const params = { ...envelope(target), view, previous, entries, commit: previous.index + 1 };
  return { what: 'an entry that no client asked for', method: 'kv.prepare', params };
}

function ofNoOperation(target: Target): Omit<Forgery, 'to'> {
  const { stage, replica, view } = target;
  const previous = endOf(replica);
  const operations = [stage.random.pick(NO_OPERATIONS)];
  const params = {
    ...envelope(target),
    previous,
    entries: [{ viewnum: view.viewnum, operations }],
    commit: previous.index,
  };
  return { what: `the operation ${JSON.stringify(operations[0])}`, method: 'kv.prepare', params };
}

function chunk(target: Target): Omit<Forgery, 'to'> {
  const { stage, replica, view } = target;
  const position = { viewnum: view.viewnum, index: replica.lastIndex + stage.random.integer(0, 1_000) };
  const records = [{ kind: 'cell', key: keyIn(replica), cell: { value: 'forged', revision: position.index } }];
  const params = {
    ...envelope(target),
    transfer: 2 ** 40 + stage.random.integer(0, 9),
    order: 0,
    position,
    total: records.length,
    records,
    last: true,
  };
  return { what: 'a transfer that nobody began', method: 'kv.chunk', params };
}

function piece(target: Target): Omit<Forgery, 'to'> {
  const { replica, view } = target;
  const entry = { viewnum: view.viewnum, index: replica.lastIndex + 1 };
  const text = JSON.stringify({
    viewnum: view.viewnum,
    operation: { kind: 'put', key: keyIn(replica), value: 'forged' },
  });
  return { what: 'a piece of an entry', method: 'kv.piece', params: { ...envelope(target), entry, from: 0, text } };
}

function release(target: Target): Omit<Forgery, 'to'> {
  return { what: 'the word that its primary acts no more', method: 'kv.release', params: envelope(target) };
}

const MAKES: readonly Make[] = [
  ofMadeUpView,
  ofMadeUpView,
  ofMadeUpEntry,
  ofNoOperation,
  chunk,
  piece,
  release,
  release,
];

export const madeUpMessages: readonly Forger[] = MAKES.map((make) => (stage) => {
  const replica = stage.cluster.replica(stage.random.pick(stage.cluster.names));
  if (replica === undefined || replica.view.viewnum === 0) return undefined;
  return { to: nameOf(replica.server), ...make({ stage, replica, view: replica.view }) };
});

/** In the name of the primary that the server knows. */
function envelope({ stage, replica, view }: Target): object {
  return {
    server: view.primary,
    incarnation: view.incarnations?.[view.primary] ?? '',
    secret: stage.random.pick(['', 'guessed']),
    cluster: view.cluster ?? '',
    to: stage.random.pick([replica.incarnation, '']),
    viewnum: view.viewnum,
    number: 2 ** 40 + stage.random.integer(0, 1_000),
  };
}

function endOf(replica: ReplicaInspection): { readonly viewnum: number; readonly index: number } {
  return { viewnum: replica.viewnumAt(replica.lastIndex) ?? 0, index: replica.lastIndex };
}

/** A key that clients use now, if the log shows one. */
function keyIn(replica: ReplicaInspection): string {
  for (let index = replica.lastIndex; index > replica.base.index; index--) {
    const operation = replica.entryAt(index)?.operation;
    if (operation !== undefined && 'key' in operation) return operation.key;
  }
  return 'k';
}
