/** The library's options as the command line calls them: what one of them is refused for is told in the words that were typed. */
import type { UnderstudyError } from '@understudy/rpc';

const FLAGS: ReadonlyMap<string, string> = new Map([
  ['advertise', '--advertise'],
  ['backups', '--backups'],
  ['dataDir', '--data'],
  ['deadPings', '--dead-pings'],
  ['lease', '--lease'],
  ['listen', '--listen'],
  ['maxServers', '--max-servers'],
  ['minBackups', '--min-backups'],
  ['monitors', '--monitor'],
  ['newCluster', '--new'],
  ['pingInterval', '--ping-interval'],
  ['priority', '--priority'],
  ['sessionTtl', '--session-ttl'],
]);

/** A name that is no word of English, and no part of a path. */
const NAMES = /(?<![\w./-])(dataDir|deadPings|maxServers|minBackups|newCluster|pingInterval|sessionTtl)(?![\w./-])/g;

/** The message of a failure, with the options that an INVALID_PARAMS names as flags. */
export function messageInFlags({ name, message, data }: UnderstudyError): string {
  if (name !== 'INVALID_PARAMS') return message;
  return beginningWithFlag(message, String(data.field)).replaceAll(NAMES, (option) => FLAGS.get(option) ?? option);
}

/** A message that begins with the field it is about begins with its flag. */
function beginningWithFlag(message: string, field: string): string {
  const flag = FLAGS.get(field);
  const [, rest] = /^\w+([: ].*)$/s.exec(message) ?? [];
  return flag !== undefined && rest !== undefined && message === field + rest ? flag + rest : message;
}
