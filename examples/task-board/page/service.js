/** The service behind the board, in words: whether it answers, who is primary, which processes there are, what happened. */

const MAX_HISTORY = 50;

const stateLine = document.querySelector('#state');
const serverList = document.querySelector('#servers');
const history = document.querySelector('#history');

let last;

/** What `status` events carry. */
export function showStatus(status) {
  showState(...stateOf(status));
  showServers(status);
  if (last !== undefined) for (const words of changes(last, status)) note(words);
  last = status;
}

/** The board itself does not answer. */
export function showLost() {
  if (!stateLine.classList.contains('lost')) note('the board does not answer');
  showState('bad lost', 'The board does not answer. Trying again …');
}

function showState(className, words) {
  if (stateLine.textContent === words) return; // what is said again would be read out again
  stateLine.className = className;
  stateLine.textContent = words;
}

function stateOf({ state, monitorAnswers, view }) {
  if (state !== 'serving')
    return ['bad', 'The primary does not answer: failing over. What you do is kept and done when it goes on.'];
  if (!monitorAnswers)
    return [
      'warn',
      'All goes on, but the monitor does not answer: until it does, nobody takes over if the primary dies.',
    ];
  const inSync = view.backups.filter((backup) => !view.syncing.includes(backup));
  if (inSync.length === 0)
    return ['warn', 'All goes on, but no backup holds the tasks at the moment: one more failure loses them.'];
  return ['good', `All is well: every change is on ${inSync.length + 1} servers.`];
}

function showServers({ view, processes }) {
  const known = processes.length > 0 ? processes : [view.primary, ...view.backups].filter(Boolean).map(ofAddress);
  const lines = known.map((process) => {
    const line = document.createElement('li');
    const role = roleOf(process, view);
    line.className = process.isRunning ? (role === 'primary' ? 'good' : '') : 'bad';
    line.textContent = `${role} ${process.address}${process.pid === undefined ? '' : `, pid ${process.pid}`}`;
    return line;
  });
  if (lines.map((it) => it.textContent).join() !== [...serverList.children].map((it) => it.textContent).join()) {
    serverList.replaceChildren(...lines);
  }
  const victim = processes.find(({ address, isRunning }) => address === view.primary && isRunning);
  const line = document.querySelector('#try');
  line.hidden = victim === undefined;
  if (victim !== undefined) line.querySelector('code').textContent = `kill -9 ${victim.pid}`;
}

function ofAddress(address) {
  return { service: 'server', address, isRunning: true };
}

function roleOf({ service, address, isRunning }, { primary, backups, syncing }) {
  if (!isRunning) return `dead ${service}`;
  if (service === 'monitor') return 'monitor';
  if (address === primary) return 'primary';
  if (syncing.includes(address)) return 'backup (gets the data)';
  return backups.includes(address) ? 'backup' : 'reserve';
}

/** What is different, one line for each thing. */
function changes(before, { state, since, monitorAnswers, view, processes }) {
  const lines = [];
  for (const { service, address, pid, isRunning } of processes) {
    const was = before.processes.find((it) => it.address === address);
    if (was?.isRunning && (!isRunning || was.pid !== pid)) lines.push(`${service} ${address} died (pid ${was.pid})`);
    if (was !== undefined && isRunning && was.pid !== pid)
      lines.push(`${service} ${address} started again (pid ${pid})`);
  }
  if (state !== before.state) {
    const seconds = ((Date.parse(since) - Date.parse(before.since)) / 1_000).toFixed(1);
    lines.push(state === 'serving' ? `the service goes on, after ${seconds} s` : 'the primary does not answer');
  }
  if (monitorAnswers !== before.monitorAnswers)
    lines.push(`the monitor ${monitorAnswers ? 'answers again' : 'does not answer'}`);
  if (view.viewnum !== before.view.viewnum) {
    lines.push(
      `view ${view.viewnum}: primary ${view.primary || 'nobody'}, backup ${view.backups.join(', ') || 'nobody'}`,
    );
  }
  return lines;
}

function note(words) {
  const line = document.createElement('li');
  const time = document.createElement('time');
  time.textContent = new Date().toTimeString().slice(0, 8);
  line.append(time, ` ${words}`);
  history.prepend(line);
  while (history.children.length > MAX_HISTORY) history.lastChild.remove();
}
