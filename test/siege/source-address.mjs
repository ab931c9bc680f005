// Loaded into every process of a siege (node --import). Its connections leave from the loopback address in SIEGE_SOURCE, so the proxies
// know which process opened a connection. Nothing else about the process changes.
import { Socket } from 'node:net';

const { connect } = Socket.prototype;

Socket.prototype.connect = function (...args) {
  // `net.connect` passes its arguments on as one list.
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  if (typeof options === 'object' && options.path === undefined) options.localAddress ??= process.env.SIEGE_SOURCE;
  return connect.apply(this, args);
};
