/** Wraps methods that are called without a transport, so that an observer still sees their answers. */
import type { Clock } from './clock.ts';
import type { FailureName } from './failure.ts';
import type { CallObserver, Method, Params, Reply } from './transport.ts';

type Methods = Readonly<Record<string, Method>>;

export function observed(methods: Methods, observer: CallObserver, clock: Clock): Methods {
  const watched = Object.entries(methods).map(([name, method]): [string, Method] => [
    name,
    (params, reply) => method(params, watch(name, params, reply, observer, clock)),
  ]);
  return Object.fromEntries(watched);
}

function watch(method: string, params: Params, reply: Reply, observer: CallObserver, clock: Clock): Reply {
  const since = clock.now();
  const tell = (failure?: FailureName): void => observer.answered(method, params, clock.now() - since, failure);
  return {
    result: (value) => {
      reply.result(value);
      tell();
    },
    failure: (error) => {
      reply.failure(error);
      tell(error.name);
    },
  };
}
