/** The editor of one key. It saves by compare-and-set, and shows both values if another client wrote first. */
import { conditionOf, conflicted, editOf, failed, keepMine, newKey, saving, takeTheirs } from '../model/key-edit.js';
import { deleteKey, getKey, putKey } from '../model/requests.js';
import { count } from '../model/words.js';
import { failureOf } from '../net/send.js';
import { find, hide } from './html.js';
import { say } from './svg.js';

/** @import { KeyEdit } from '../model/key-edit.js' */
/** @import { NodeRequest } from '../model/requests.js' */
/** @import { Page } from './scene.d.ts' */

/**
 * @param {Page} page
 * @param {{ base: () => string | undefined, changed: () => void }} browser
 */
export function keyEditor(page, browser) {
  /** @type {HTMLDialogElement} */
  const dialog = find('key-editor');
  /** @type {HTMLInputElement} */
  const name = find('key-name');
  /** @type {HTMLTextAreaElement} */
  const value = find('key-value');
  let edit = newKey();

  name.addEventListener('input', () => {
    edit = { ...edit, key: name.value };
  });
  value.addEventListener('input', () => {
    edit = { ...edit, draft: value.value };
  });
  find('key-cancel').addEventListener('click', () => dialog.close());
  find('key-take-theirs').addEventListener('click', () => show(takeTheirs(edit)));
  find('key-keep-mine').addEventListener('click', () => {
    show(keepMine(edit));
    void save();
  });
  find('key-put-request').addEventListener('click', () =>
    page.showRequest(edit.isNew ? 'Create this key' : 'Write this key, by compare-and-set', putting()),
  );
  find('key-delete-request').addEventListener('click', () =>
    page.showRequest('Delete this key, by compare-and-set', deleting()),
  );
  find('key-delete').addEventListener('click', () => void change(deleting()));
  dialog.querySelector('form')?.addEventListener('submit', (event) => {
    event.preventDefault();
    void save();
  });
  return {
    edit: (/** @type {{ key: string, value: string, revision: number }} */ read) => open(editOf(read)),
    create: (/** @type {string} */ prefix) => open({ ...newKey(), key: prefix }),
  };

  /** @param {KeyEdit} next */
  function open(next) {
    show(next);
    dialog.showModal();
    (next.isNew ? name : value).focus();
  }

  function putting() {
    return putKey(browser.base() ?? location.origin, edit.key, edit.draft, conditionOf(edit));
  }

  function deleting() {
    return deleteKey(browser.base() ?? location.origin, edit.key, conditionOf(edit));
  }

  function save() {
    return change(putting());
  }

  /** @param {NodeRequest} request */
  async function change(request) {
    if (edit.phase === 'saving') return;
    const sent = edit;
    show(saving(edit));
    try {
      const answer = await page.send(request);
      if (answer.status === 412 || answer.status === 404) return show(await theirs(sent));
      if (answer.status >= 300) return show(failed(edit, `Not done: ${failureOf(answer)}`));
      dialog.close();
      browser.changed();
    } catch (error) {
      show(failed(edit, /** @type {Error} */ (error).message));
    }
  }

  /** The present state of the key, after a conflict. @param {KeyEdit} sent */
  async function theirs({ key }) {
    const { status, text, revision } = await page.send(getKey(browser.base() ?? location.origin, key));
    browser.changed();
    return conflicted(edit, status === 200 ? { value: text, revision } : { value: null, revision: undefined });
  }

  /** @param {KeyEdit} next */
  function show(next) {
    edit = next;
    const { isNew, key, draft, revision, phase, conflict, failure } = edit;
    say(find('key-editor-head'), isNew ? 'New key' : key);
    say(find('key-revision'), revision === undefined ? 'is not there yet' : `read at revision ${count(revision)}`);
    hide(name, !isNew);
    hide(find('key-name-label'), !isNew);
    if (name.value !== key) name.value = key;
    if (value.value !== draft) value.value = draft;
    hide(find('key-delete'), isNew);
    hide(find('key-delete-request'), isNew);
    say(find('key-save'), phase === 'saving' ? 'Saving …' : isNew ? 'Create' : 'Save');
    for (const id of ['key-save', 'key-delete']) {
      /** @type {HTMLButtonElement} */ (find(id)).disabled = phase === 'saving' || conflict !== undefined;
    }
    hide(find('key-conflict'), conflict === undefined);
    hide(find('key-failure'), failure === '');
    say(find('key-failure'), failure);
    if (conflict === undefined) return;
    say(
      find('key-conflict-words'),
      conflict.value === null
        ? 'The key is gone.'
        : `The key is at revision ${count(conflict.revision)} now${revision === undefined ? '' : `, you read ${count(revision)}`}.`,
    );
    say(find('key-mine'), draft);
    say(find('key-theirs'), conflict.value ?? '(deleted)');
    say(
      find('key-theirs-head'),
      conflict.value === null ? 'Theirs: deleted' : `Theirs, revision ${count(conflict.revision)}`,
    );
  }
}
