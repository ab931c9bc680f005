/** The public names of @understudy/dashboard. */
export { CallWindow, type CallWindowOptions } from './call-window.ts';
export type * from './feed.ts';
export { Hub, type HubOptions, type Reading, type Self } from './hub.ts';
export { NodePage, type NodePageOptions, type PageOptions, pageOptionsOf } from './node-page.ts';
export { type PageFilesOptions, pageFiles } from './page-files.ts';
export { PAGE_FOLDER } from './page-folder.ts';
export { securityPolicy } from './security-policy.ts';
