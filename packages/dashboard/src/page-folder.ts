/** The folder with the page's files, as they go to the browser. */
import { fileURLToPath } from 'node:url';

/** The same path from `src` and from `dist`. */
export const PAGE_FOLDER: string = fileURLToPath(new URL('../page/', import.meta.url));
