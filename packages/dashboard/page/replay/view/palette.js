/** The colours of the theme, for canvases. */

/** @typedef {ReturnType<typeof paletteOf>} Palette */

/** @param {Element} element */
export function paletteOf(element) {
  const style = getComputedStyle(element);
  const color = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  return {
    sheet: color('sheet'),
    well: color('well'),
    ink: color('ink'),
    soft: color('soft'),
    line: color('line'),
    edge: color('edge'),
    accent: color('accent'),
    wash: color('accent-wash'),
    good: color('good'),
    goodWash: color('good-wash'),
    warn: color('warn'),
    warnWash: color('warn-wash'),
    bad: color('bad'),
    badWash: color('bad-wash'),
    sans: color('sans'),
    mono: color('mono'),
  };
}

/**
 * Makes the canvas as sharp as the screen; its units are CSS pixels. Returns undefined if the canvas has no size.
 * @param {HTMLCanvasElement} canvas
 * @param {number} [height] in CSS pixels; default: the height of its style
 */
export function prepare(canvas, height = canvas.clientHeight) {
  const ratio = globalThis.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (w === 0 || h === 0) return undefined;
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}
