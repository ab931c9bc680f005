/** The public names of the package. */
export type * from './feed.ts';
export { type PageFilesOptions, pageFiles } from './page-files.ts';
export { PAGE_FOLDER } from './page-folder.ts';
export { securityPolicy } from './security-policy.ts';
