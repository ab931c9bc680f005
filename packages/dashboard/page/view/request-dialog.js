/** The dialog that shows a request as curl and as TypeScript, to be copied. */
import { asCurl, asTypeScript } from '../model/requests.js';
import { copyText } from './copy.js';
import { find } from './html.js';
import { say } from './svg.js';

/** @import { NodeRequest } from '../model/requests.js' */

/** @returns {(title: string, request: NodeRequest) => void} */
export function requestDialog() {
  /** @type {HTMLDialogElement} */
  const dialog = find('request');
  find('request-close').addEventListener('click', () => dialog.close());
  for (const button of dialog.querySelectorAll('button[data-of]')) {
    button.addEventListener('click', async () => {
      const isDone = await copyText(find(button.getAttribute('data-of') ?? '').textContent ?? '');
      say(find('request-copied'), isDone ? 'Copied.' : 'The browser does not let this page copy: select the text.');
    });
  }
  return (title, request) => {
    say(find('request-head'), title);
    say(find('request-curl'), asCurl(request));
    say(find('request-typescript'), asTypeScript(request));
    say(find('request-copied'), '');
    dialog.showModal();
  };
}
