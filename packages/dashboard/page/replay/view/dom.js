/** Finds and creates elements of the page. */

/**
 * The element with that id. The page must have one.
 * @template {Element} Kind
 * @param {string} id
 * @param {{ new (): Kind }} kind
 * @returns {Kind}
 */
export function byId(id, kind) {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return element;
}

/**
 * @param {string} tag
 * @param {Readonly<Record<string, string>>} [attributes]
 * @param {...(Node | string)} children
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/**
 * A checkbox.
 * @param {string} label
 * @param {boolean} isTicked
 * @param {(isTicked: boolean) => void} onChange
 */
export function tickBox(label, isTicked, onChange) {
  const box = document.createElement('input');
  box.type = 'checkbox';
  box.checked = isTicked;
  box.addEventListener('change', () => onChange(box.checked));
  return make('label', {}, box, ` ${label}`);
}
