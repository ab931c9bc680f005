/** Bugs in the monitor: who is dead, who is safe, which view comes next (V1 to V12). */
import type { PlantedBug } from '../bug.ts';

const INVARIANTS = 'sysmonitor/src/core/invariants.ts';
const MONITOR = 'sysmonitor/src/core/monitor.ts';
const RECOVERY = 'sysmonitor/src/core/recovery.ts';
const RULES = 'sysmonitor/src/core/rules.ts';
const VIEW = 'sysmonitor/src/core/view.ts';
const VIEW_STORE = 'sysmonitor/src/view-store.ts';

export const VIEW_BUGS: readonly PlantedBug[] = [
  {
    name: 'promotes a syncing backup as well as any other',
    rule: 'V3, V4',
    why: 'Whoever lives is better than nobody. It is not: what was acknowledged is gone.',
    edits: [
      {
        file: RULES,
        find: '    (backup) => tenure.safe.includes(backup) && (roster.find(backup)?.viewnum ?? 0) > 0,\n',
        replace: '    (backup) => deathOf(situation, backup) === undefined,\n',
      },
      {
        file: VIEW,
        find: '    backups: members.backups.filter((backup) => backup !== server),\n',
        replace: `    backups: members.backups.filter((backup) => backup !== server),
    syncing: members.syncing.filter((backup) => backup !== server),
`,
      },
      {
        file: INVARIANTS,
        find: `  if (after.view.primary !== primary)
    assert(after.safe.includes(after.view.primary), 'who is promoted is safe (V3, V4)');
`,
        replace: '',
      },
    ],
  },
  {
    name: 'any ping of the primary acknowledges',
    rule: 'V7',
    why: 'It has heard of the view. It has not brought its backups up to date.',
    edits: [{ file: RULES, find: '    ping.viewnum === view.viewnum\n', replace: '    ping.viewnum > 0\n' }],
  },
  {
    name: 'a backup may acknowledge',
    rule: 'V7',
    why: 'Whoever pings the number of the view has fulfilled it, on its own side only.',
    edits: [
      {
        file: RULES,
        find: '    ping.server === primary.server &&\n    runOf(ping) === primary.incarnation &&\n',
        replace: '',
      },
    ],
  },
  {
    name: 'a ping 0 of another run is no loss',
    rule: 'V2',
    why: 'It pings, so it lives. It is somebody else, with nothing.',
    edits: [
      {
        file: RULES,
        find: "if (ping.viewnum === 0) return runOf(ping) !== seat.incarnation || (seat.incarnation === '' && seat.tookPart);",
        replace: "if (ping.viewnum === 0) return seat.incarnation === '' && seat.tookPart;",
      },
    ],
  },
  {
    name: 'a monitor that lost its state goes on with the primary, whatever the others hold',
    rule: 'V12',
    why: 'It was primary, and every member has reported. But its disk may have come back older than it was.',
    edits: [
      {
        file: RECOVERY,
        find: '    if (report?.isBehind !== true && !isSilent) return primary;\n',
        replace: '    return primary;\n',
      },
    ],
  },
  {
    name: 'a monitor that lost its state goes on with whoever pings first',
    rule: 'V12',
    why: 'Every member has reported with its data, and each of them could have been promoted.',
    edits: [
      {
        file: RECOVERY,
        find: '    const missing = this.waitingFor().filter((server) => server !== ping.server);\n',
        replace: `    const missing = this.#missing(highest);
    if (!this.#mayHaveBeenPromoted(highest).includes(ping.server)) return undefined;
`,
      },
    ],
  },
  {
    name: 'the monitor keeps a backup that only its primary cannot reach',
    rule: 'V13',
    why: 'It pings, so it lives. But the primary waits for it, and nothing is committed until the link is mended.',
    edits: [
      {
        file: RULES,
        find: '  return ping.server === view.primary ? view.backups.filter((backup) => lost.includes(backup)) : [];\n',
        replace:
          '  return ping.server === view.primary ? view.backups.filter((backup) => lost.length < 0 && lost.includes(backup)) : [];\n',
      },
    ],
  },
  {
    name: 'a backup that its primary could not reach joins again at once',
    rule: 'V13',
    why: 'It is alive and idle, and the view has too few backups. The primary still cannot reach it.',
    edits: [
      {
        file: RULES,
        find: '      roster.wasHeard(server, now) &&\n      roster.absences.isOver(server, now),\n',
        replace: '      roster.wasHeard(server, now),\n',
      },
    ],
  },
  {
    name: 'a cluster that a bare ping began binds the servers that come later',
    rule: 'V11, V1',
    why: 'The first to ping becomes primary. Anybody may be the first, and no server can ever take over from nobody.',
    edits: [
      {
        file: MONITOR,
        find: '    if (ping.secret !== undefined && isOfStrangers(this.#tenure, this.#roster)) this.#listenAnew(now, undefined);\n',
        replace: '    void isOfStrangers;\n',
      },
    ],
    faults: ['forged', 'delay'],
  },
  {
    name: 'a cluster that a bare ping began binds the servers after a restart of the monitor',
    rule: 'V11, V1',
    why: 'The monitor has not heard the members since its start. But it dropped this view before it stopped.',
    edits: [
      {
        file: 'sysmonitor/src/core/doubt.ts',
        find: '  return tenure.seats.every(({ server }) => roster.find(server)?.hasSecret === false);\n',
        replace: `  return tenure.seats.every(({ server }) => {
    const sighting = roster.find(server);
    return sighting?.heardAt !== undefined && !sighting.hasSecret;
  });
`,
      },
    ],
    faults: ['forged', 'monitor-write-error'],
  },
  {
    name: 'the monitor answers before its disk has what it decided',
    rule: 'V9',
    why: 'The write is under way, and disks are fast. But a monitor that dies then gives the number twice.',
    edits: [
      {
        file: VIEW_STORE,
        find: '    this.#waiting.push(callback);\n',
        replace: '    callback();\n    this.#waiting.push(() => {});\n',
      },
    ],
  },
  {
    name: 'a server that leaves waits for nobody who leaves too, and says nothing of it',
    rule: 'V14',
    why: 'Its backup is in sync, so it will take over. But that one was told to leave as well.',
    edits: [
      {
        file: 'sysmonitor/src/core/change.ts',
        find: '  const exchanged = letJoin(situation, takeOut(situation, ping, change), backupsWanted);\n',
        replace: '  const exchanged = change;\n  void ping;\n',
      },
      {
        file: 'kvservice/src/core/leave.ts',
        find: '  if (waitedMs(state, leaving) >= patienceMs(state, leaving)) return finish(state, unheld(state));\n',
        replace: '  if (waitedMs(state, leaving) >= patienceMs(state, leaving)) return finish(state, HELD);\n',
      },
    ],
  },
  {
    name: 'a lower position is no loss',
    rule: 'V2',
    why: 'The server has data, and pings a number above 0. It does not have all the data that it had.',
    edits: [
      {
        file: RULES,
        find: '    ping.position !== undefined && seat.position !== undefined && comparePositions(ping.position, seat.position) < 0\n',
        replace: '    false\n',
      },
      {
        file: RULES,
        find: '    (backup) => comparePositions(seatOf(situation.tenure, backup)?.position, restarted.position) > 0,\n',
        replace: '    () => false,\n',
      },
    ],
  },
  {
    name: 'gives a member that restarted its seat again without asking for its data',
    rule: 'V2, V11',
    why: 'It is the same server. What it held, it held in memory.',
    edits: [
      {
        file: RULES,
        find: 'return seat !== undefined && !seat.lostData && ping.viewnum > 0 && runOf(ping) !== seat.incarnation;',
        replace: 'return seat !== undefined && runOf(ping) !== seat.incarnation;',
      },
      {
        file: RULES,
        find: "return runOf(ping) !== seat.incarnation || (seat.incarnation === '' && seat.tookPart);",
        replace: "return seat.incarnation === '' && seat.tookPart;",
      },
    ],
  },
];
