/** The board: shows the tasks as the server tells them, and sends what the user does. */
import { save } from './saving.js';
import { showLost, showStatus } from './service.js';

const COLUMNS = ['todo', 'doing', 'done'];
const NAMES = { todo: 'To do', doing: 'In progress', done: 'Done' };
/** The server speaks once a second; after such a silence it, or the way to it, is gone. */
const SILENCE_MS = 4_000;
const RECONNECT_MS = 1_000;

const element = (selector) => document.querySelector(selector);
const listOf = (status) => element(`ul[data-status=${status}]`);

/** By id. */
let tasks = new Map();
const cards = new Map();

let events;
let timer;

listen();
// A page that nobody sees does not listen: for all of its tabs a browser opens only a few connections to one server.
document.addEventListener('visibilitychange', listen);

/** Server-sent events, for ever. */
function listen() {
  stopListening();
  if (document.hidden) return;
  events = new EventSource('/events');
  timer = setTimeout(listenLater, SILENCE_MS);
  events.onerror = listenLater;
  hear('status', showStatus);
  hear('tasks', showTasks);
}

function hear(name, show) {
  events.addEventListener(name, ({ data }) => {
    clearTimeout(timer);
    timer = setTimeout(listenLater, SILENCE_MS);
    show(JSON.parse(data));
  });
}

function listenLater() {
  stopListening();
  showLost();
  timer = setTimeout(listen, RECONNECT_MS);
}

function stopListening() {
  events?.close();
  clearTimeout(timer);
}

function showTasks(list) {
  // What a request of our own has brought may be newer than this.
  const newer = (task) => (tasks.get(task.id)?.version > task.version ? tasks.get(task.id) : task);
  tasks = new Map(list.tasks.map((task) => [task.id, newer(task)]));
  element('#more').hidden = !list.more;
  render();
}

function render() {
  for (const [id, card] of cards) {
    if (tasks.has(id)) continue;
    if (card.contains(document.activeElement)) focusBeside(card);
    card.remove();
    cards.delete(id);
  }
  for (const task of [...tasks.values()].sort((a, b) => (a.id < b.id ? -1 : 1))) place(task);
  for (const status of COLUMNS) {
    const list = listOf(status);
    list.closest('section').querySelector('.count').textContent = list.children.length || '';
  }
}

/** Who works by keyboard goes on where he was. */
function focusBeside(card) {
  const beside = card.nextElementSibling ?? card.previousElementSibling;
  (beside?.querySelector('button:not([hidden])') ?? element('#new-title')).focus();
}

/** Shows the task on its card, in its column, before the first card with a greater id. */
function place(task) {
  const card = cards.get(task.id) ?? newCard(task.id);
  card.querySelector('h3').textContent = task.title;
  card.querySelector('.note').textContent = task.note;
  label(card, 'back', task, COLUMNS[COLUMNS.indexOf(task.status) - 1], '←');
  label(card, 'forward', task, COLUMNS[COLUMNS.indexOf(task.status) + 1], '→');
  card.querySelector('[data-act=edit]').setAttribute('aria-label', `Edit “${task.title}”`);
  card.querySelector('[data-act=delete]').setAttribute('aria-label', `Delete “${task.title}”`);

  const list = listOf(task.status);
  if (card.parentNode === list) return;
  const focus = card.contains(document.activeElement) ? document.activeElement : undefined;
  list.insertBefore(card, [...list.children].find((other) => !other.dataset.id || other.dataset.id > task.id) ?? null);
  (focus?.hidden ? card.querySelector('button:not([hidden])') : focus)?.focus();
}

function newCard(id) {
  const card = element('#card').content.firstElementChild.cloneNode(true);
  card.dataset.id = id;
  card.addEventListener('click', ({ target }) => act(id, target.closest('button')?.dataset.act));
  cards.set(id, card);
  return card;
}

function label(card, act, { title }, column, arrow) {
  const button = card.querySelector(`[data-act=${act}]`);
  button.hidden = column === undefined;
  button.textContent = act === 'back' ? arrow : `${NAMES[column]} ${arrow}`;
  button.setAttribute('aria-label', `Move “${title}” to ${NAMES[column]}`);
}

// What the user does.

function act(id, what) {
  const task = tasks.get(id);
  if (task === undefined || what === undefined) return;
  if (cards.get(id).ariaBusy === 'true') return; // one thing after the other
  const step = { back: -1, forward: 1 }[what];
  if (step !== undefined) void change(task, { status: COLUMNS[COLUMNS.indexOf(task.status) + step] });
  if (what === 'edit') edit(task);
  if (what === 'delete' && confirm(`Delete “${task.title}”?`)) void remove(task);
}

element('#add').addEventListener('submit', async (event) => {
  event.preventDefault();
  const input = element('#new-title');
  const title = input.value.trim();
  if (title === '') return;
  input.value = '';
  const waiting = element('#card').content.firstElementChild.cloneNode(true);
  waiting.querySelector('h3').textContent = title;
  waiting.querySelector('.buttons').remove();
  waiting.ariaBusy = 'true';
  listOf('todo').append(waiting);
  const answer = await saved(() => save('POST', '/tasks', { body: { title } }));
  waiting.remove();
  if (answer?.status === 201 || answer?.status === 200) keep(answer.body);
  else input.value ||= title;
});

/** Resolves with the answer, undefined when there was none; the card shows meanwhile that it is not saved. */
async function change(task, fields) {
  const answer = await busy(task.id, () => save('PUT', `/tasks/${task.id}`, { body: fields, version: task.version }));
  if (answer?.status === 200) keep(answer.body);
  if (answer?.status === 412) keep(answer.body.error.task);
  if (answer?.status === 410 || answer?.status === 404) drop(task.id);
  return answer;
}

async function remove(task) {
  const answer = await busy(task.id, () => save('DELETE', `/tasks/${task.id}`, { version: task.version }));
  if (answer?.status === 204 || answer?.status === 404) drop(task.id);
  if (answer?.status === 412) keep(answer.body.error.task);
}

async function busy(id, send) {
  const card = cards.get(id);
  if (card !== undefined) card.ariaBusy = 'true';
  const answer = await saved(send);
  if (card !== undefined) card.ariaBusy = 'false';
  return answer;
}

/** Says in words what the user should know of it. */
async function saved(send) {
  notify('');
  try {
    const answer = await send();
    if (answer.status === 412)
      notify(`“${answer.body.error.task.title}” was changed by somebody else meanwhile. This is how it is now.`);
    else if (answer.status === 410) notify('This task was deleted by somebody else meanwhile.');
    else if (answer.status >= 400) notify(`Not saved: ${answer.body?.error.message ?? answer.status}.`);
    return answer;
  } catch (error) {
    notify(error.message);
    return undefined;
  }
}

function keep(task) {
  if (!(tasks.get(task.id)?.version > task.version)) tasks.set(task.id, task);
  render();
}

function drop(id) {
  tasks.delete(id);
  render();
}

function notify(words) {
  element('#notice').textContent = words;
}

// The editor.

const editor = element('#editor');
const form = editor.querySelector('form');
let edited;

function edit(task) {
  edited = task;
  for (const field of ['title', 'note', 'status']) form.elements[field].value = task[field];
  element('#conflict').hidden = true;
  editor.showModal();
}

element('#cancel').addEventListener('click', () => editor.close());

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { title, note, status } = form.elements;
  const task = edited;
  const answer = await change(task, { title: title.value.trim(), note: note.value, status: status.value });
  if (edited !== task || !editor.open) return;
  if (answer?.status !== 412) return editor.close();
  edited = answer.body.error.task;
  element('#conflict').hidden = false;
  element('#conflict').textContent =
    `Somebody changed this task while you edited it. It is now “${edited.title}”, ${NAMES[edited.status]}.` +
    `${edited.note === '' ? '' : `\n${edited.note}`}\nSave again to put yours in its place.`;
});
