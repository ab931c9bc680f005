/** Translates the library's option names into flags, so that an error names the option that the user typed. */
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

/** A name that is neither an English word nor part of a path. */
const NAMES = /(?<![\w./-])(dataDir|deadPings|maxServers|minBackups|newCluster|pingInterval|sessionTtl)(?![\w./-])/g;

/** The message of a failure. Options that an INVALID_PARAMS names appear as flags. */
export function messageInFlags({ name, message, data }: UnderstudyError): string {
  if (name !== 'INVALID_PARAMS') return message;
  return beginningWithFlag(message, String(data.field)).replaceAll(NAMES, (option) => FLAGS.get(option) ?? option);
}

/** If a message begins with the field that it concerns, it begins with the flag instead. */
function beginningWithFlag(message: string, field: string): string {
  const flag = FLAGS.get(field);
  const [, rest] = /^\w+([: ].*)$/s.exec(message) ?? [];
  return flag !== undefined && rest !== undefined && message === field + rest ? flag + rest : message;
}
