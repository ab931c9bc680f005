/** Where the files of the page are, as they go to the browser. */
import { fileURLToPath } from 'node:url';

/** The same from `src` and from `dist`. */
export const PAGE_FOLDER: string = fileURLToPath(new URL('../page/', import.meta.url));
