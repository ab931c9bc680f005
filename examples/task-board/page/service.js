/** The service behind the board, in words: whether it answers, who is primary, which processes there are, what happened. */

const MAX_HISTORY = 50;

const stateLine = document.querySelector('#state');
const serverList = document.querySelector('#servers');
const tryLine = document.querySelector('#try');
const history = document.querySelector('#history');

let last;

/** What `status` events carry. */
export function showStatus(status) {
  if (stateLine.classList.contains('lost')) note('the board answers again');
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

function stateOf({ state, monitorAnswers, members }) {
  if (state !== 'serving')
    return ['bad', 'The primary does not answer: failing over. What you do is kept, and done when it goes on.'];
  if (!monitorAnswers)
    return ['warn', 'All goes on, but the monitor is silent: if the primary dies now, nobody takes over.'];
  const holders = members.filter(({ role }) => role === 'primary' || role === 'backup').length;
  if (holders < 2) return ['warn', 'All goes on, but only one server holds the tasks now: its death would lose them.'];
  return ['good', `All is well: ${holders} servers hold every task.`];
}

const ROLES = { syncing: 'backup, gets the data', reserve: 'reserve', dead: 'dead' };
const COLOURS = { primary: 'good', backup: 'good', syncing: 'warn', dead: 'bad' };

function showServers({ members }) {
  const lines = members.map(({ service, address, role, pid }) => {
    const line = document.createElement('li');
    const where = document.createElement('span');
    where.className = 'where';
    where.textContent = `${address}${pid === undefined ? '' : `, pid ${pid}`}`;
    const words = document.createElement('span');
    words.append(role === 'dead' ? `${service}, dead` : (ROLES[role] ?? role), where);
    line.className = COLOURS[role] ?? '';
    line.append(words);
    return line;
  });
  const isSame =
    lines.length === serverList.children.length && lines.every((line, at) => line.isEqualNode(serverList.children[at]));
  if (!isSame) serverList.replaceChildren(...lines); // or what somebody has selected there would be lost
  const victim = members.find(({ role, pid }) => role === 'primary' && pid !== undefined);
  tryLine.hidden = victim === undefined;
  const command = `kill -9 ${victim?.pid}`;
  if (tryLine.querySelector('code').textContent !== command) tryLine.querySelector('code').textContent = command;
}

/** What is different, one line for each thing. */
function changes(before, { state, since, monitorAnswers, viewnum, members }) {
  const lines = [];
  for (const { service, address, role, pid } of members) {
    const was = before.members.find((it) => it.address === address);
    if (was === undefined) continue;
    if (was.role !== 'dead' && (role === 'dead' || was.pid !== pid)) lines.push(`${service} ${address} died`);
    if (role !== 'dead' && (was.role === 'dead' || was.pid !== pid)) lines.push(`${service} ${address} is back`);
  }
  if (state !== before.state) {
    const seconds = ((Date.parse(since) - Date.parse(before.since)) / 1_000).toFixed(1);
    lines.push(
      state === 'serving' ? `the service goes on; it had not answered for ${seconds} s` : 'the primary does not answer',
    );
  }
  if (monitorAnswers !== before.monitorAnswers) {
    lines.push(monitorAnswers ? 'the monitor answers again' : 'the monitor does not answer');
  }
  if (viewnum !== before.viewnum) {
    const primary = members.find(({ role }) => role === 'primary')?.address;
    lines.push(`view ${viewnum}: ${primary ?? 'nobody'} is primary`);
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
