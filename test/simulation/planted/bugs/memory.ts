/** Bugs in what keeps servers within their memory (M1, M2). */
import type { PlantedBug } from '../bug.ts';

const MEMORY = 'kvservice/src/core/memory.ts';
const MACHINE = 'kvservice/src/core/state-machine.ts';

export const MEMORY_BUGS: readonly PlantedBug[] = [
  {
    name: 'does not subtract the bytes of a deleted key',
    rule: 'M1',
    why: 'Deleting takes no room, so nobody counts it. A server that was full once stays full for ever.',
    edits: [
      {
        file: MACHINE,
        find: '    if (before !== undefined) this.#bytes -= cellBytes(key, before.value);\n',
        replace: '',
      },
    ],
  },
  {
    name: 'a transferred state comes without its count',
    rule: 'M1',
    why: 'Only operations are counted. A server that got its state by transfer believes that it is empty.',
    edits: [
      {
        file: MACHINE,
        find: `  put(key: string, cell: Cell): void {
    const before = this.cells.set(key, cell);
    this.#bytes +=`,
        replace: `  put(key: string, cell: Cell): void {
    const before = this.cells.set(key, cell);
    if (before !== undefined) this.#bytes +=`,
      },
    ],
  },
  {
    name: 'a restored state comes without its count',
    rule: 'M1, M4',
    why: 'The same at a restart from the disk.',
    edits: [
      {
        file: 'kvservice/src/store/load.ts',
        find: 'OrderedMap.ofSorted(keys, cells), undefined, bytes)',
        replace: 'OrderedMap.ofSorted(keys, cells))',
      },
    ],
  },
  {
    name: 'loads from its disk half of what it may hold',
    rule: 'M4',
    why: 'Loaded data counts twice, so half of the bound looks right. But a server may hold what it cannot load again.',
    edits: [
      {
        file: 'kvservice/src/memory-bound.ts',
        find: '  return Math.max(maxMemory, Math.min(2 * maxMemory, Math.floor(LOADED_SHARE * longLivedBytes())));\n',
        replace: '  void LOADED_SHARE;\n  return Math.floor(maxMemory / 2);\n',
      },
    ],
  },
  {
    name: 'refuses every write when memory is full',
    rule: 'M2',
    why: 'A deletion is a write too. But then no client can make room again.',
    edits: [{ file: MEMORY, find: '  if (!adds(operation)) return undefined;\n', replace: '' }],
  },
  {
    name: 'opens no session when memory is full',
    rule: 'M2, S5',
    why: 'A session takes room. But a new client needs one to delete anything.',
    edits: [{ file: MEMORY, find: "    case 'putHash':\n", replace: "    case 'putHash':\n    case 'openSession':\n" }],
  },
  {
    name: 'looks at the memory of the primary alone',
    rule: 'M2',
    why: 'All hold the same. A backup with less memory dies of what its primary can hold.',
    edits: [
      {
        file: MEMORY,
        find: '  for (const { server, counted, isFull } of role.backups.values()) if (counted && isFull) return noRoom(server);\n',
        replace: '',
      },
    ],
  },
  {
    name: 'never has room again',
    rule: 'M2',
    why: 'The mark below which a server takes data again is compared the wrong way round.',
    edits: [
      { file: MEMORY, find: '(state.isFull ? ROOM_AGAIN : FULL)', replace: '(state.isFull ? 1 - ROOM_AGAIN : FULL)' },
    ],
  },
];
