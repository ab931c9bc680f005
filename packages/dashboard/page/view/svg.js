/** Creates and changes SVG elements. An attribute whose value does not change is not written. */

const NAMESPACE = 'http://www.w3.org/2000/svg';

/**
 * @param {string} tag
 * @param {Readonly<Record<string, string | number>>} [attributes]
 * @returns {SVGElement}
 */
export function svg(tag, attributes = {}) {
  const element = /** @type {SVGElement} */ (document.createElementNS(NAMESPACE, tag));
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

/**
 * @param {Element} element
 * @param {Readonly<Record<string, string | number>>} attributes
 */
export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    const text = String(value);
    if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
}

/**
 * @param {Element} element
 * @param {string} text
 */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Makes the children of `parent` match `items`, by key: existing children are changed, missing ones made, others
 * removed.
 * @template Item
 * @param {Element} parent
 * @param {readonly Item[]} items
 * @param {{ key: (item: Item) => string, make: (item: Item) => Element, change: (element: Element, item: Item) => void }} how
 */
export function keep(parent, items, { key, make, change }) {
  /** @type {Map<string, Element>} */
  const former = new Map();
  for (const child of parent.children) former.set(child.getAttribute('data-key') ?? '', child);
  let place = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    let element = former.get(name);
    if (element === undefined) {
      element = make(item);
      element.setAttribute('data-key', name);
    }
    former.delete(name);
    change(element, item);
    if (element === place) place = place.nextElementSibling;
    else parent.insertBefore(element, place);
  }
  for (const element of former.values()) element.remove();
}
