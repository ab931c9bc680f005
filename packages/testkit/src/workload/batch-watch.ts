/**
 * A transport that reports each answer to a batch which leaves some operations out. The client then asks for those
 * again, alone.
 */
import type { Transport } from '@understudy/rpc';

interface BatchAnswer {
  readonly results?: unknown;
}

export function tellingOfOmissions(transport: Transport, onOmission: () => void): Transport {
  return {
    listen: (options) => transport.listen(options),
    close: () => transport.close(),
    call: async (to, method, params, options) => {
      const answer = await transport.call(to, method, params, options);
      if (method === 'kv.batch') {
        const { results } = answer as BatchAnswer;
        if (Array.isArray(results) && results.includes(null)) onOmission();
      }
      return answer;
    },
  };
}
