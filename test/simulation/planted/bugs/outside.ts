/** Bugs that believe what a message only claims (R3, V11, V12). */
import type { PlantedBug } from '../bug.ts';

const BACKUP = 'kvservice/src/core/backup.ts';
const MONITOR_DOUBT = 'sysmonitor/src/core/doubt.ts';

export const OUTSIDE_BUGS: readonly PlantedBug[] = [
  {
    name: 'a backup takes over the view of a prepare without asking the monitor',
    rule: 'R3',
    why: 'The primary has it from the monitor. But only the monitor knows whether the sender is the primary.',
    edits: [
      {
        file: BACKUP,
        find: "import type { ReplicaState } from './state.ts';\n",
        replace: "import type { ReplicaState } from './state.ts';\nimport { learnView } from './view-change.ts';\n",
      },
      {
        file: BACKUP,
        find: '    return doubtView(state, { requester, message }) ? undefined : misfit(state, message, TOO_MANY);\n',
        replace: '    learnView(state, message.view);\n',
      },
    ],
  },
  {
    name: 'a backup takes a release from whoever sends one',
    rule: 'L6, R3',
    why: 'A release names the run that leaves. But any sender may name a run that still serves.',
    faults: ['forged', 'crash', 'partition'],
    edits: [
      {
        file: BACKUP,
        find: "  if (isFromRun(state, message) !== true) return misfit(state, message, 'its sender has not led this server');\n",
        replace: '',
      },
    ],
  },
  {
    name: 'the monitor believes what a ping claims without asking the address',
    rule: 'V11, V12',
    why: 'A greater incarnation is a restart, and a newer view shows that the monitor is behind. Both can be made up.',
    edits: [
      {
        file: MONITOR_DOUBT,
        find: '  if (isReplaced(known, ping)) return false;\n',
        replace: '  if (isReplaced(known, ping) || view === undefined || view.viewnum > 0) return false;\n',
      },
    ],
  },
  {
    name: 'the monitor asks about new claims only, not about pings in the name of a run that it knows',
    rule: 'V11',
    why: 'That run was confirmed once. The next ping in its name may be of somebody else.',
    edits: [
      {
        file: MONITOR_DOUBT,
        find: '  if (isKnownRun && known.secret === ping.secret && ping.secret !== undefined) return false;\n',
        replace: '  if (isKnownRun) return false;\n',
      },
    ],
  },
];
