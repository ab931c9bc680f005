/** Fingers on the touch screen of a page. */
import type { Page } from 'playwright-core';

export type Points = readonly { readonly x: number; readonly y: number }[];

/** From where they go down to where they go up, in so many steps; each finger keeps its place in the list. */
export async function drag(page: Page, from: Points, to: Points, steps = 8): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const at = (share: number) =>
    from.map(({ x, y }, id) => ({ id, x: x + share * ((to[id]?.x ?? x) - x), y: y + share * ((to[id]?.y ?? y) - y) }));
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(0) });
  for (let step = 1; step <= steps; step += 1)
    await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(step / steps) });
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await session.detach();
}
