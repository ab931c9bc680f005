/** The public names of the package. */
export { PAGE_FOLDER } from './page-folder.ts';
