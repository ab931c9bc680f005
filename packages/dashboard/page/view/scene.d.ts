/** What every view gets on each frame in which something changed, and what it may ask of the page. */
import type { PageModel } from '../model/page-model.js';
import type { NodeRequest } from '../model/requests.js';
import type { Cluster, Verdict } from '../model/state.d.ts';
import type { Answer } from '../net/send.js';

export interface Scene {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Undefined: the present. */
  readonly moment: number | undefined;
  readonly model: PageModel;
  readonly cluster: Cluster;
  readonly verdict: Verdict;
  /** The node that requests for keys go to, such as http://127.0.0.1:7001. Undefined: no node can be asked. */
  readonly base: string | undefined;
  /** The node that this page came from. Undefined until it has reported its name. */
  readonly own: string | undefined;
  readonly isOwnLost: boolean;
  /** Nodes that joined after the page was loaded, and that no policy lets it ask. */
  readonly outOfReach: readonly string[];
}

export interface View {
  update(scene: Scene): void;
}

export interface Page {
  /** Shows the state at that moment. Undefined: back to the present. */
  show(moment: number | undefined): void;
  /** Shows a request as curl and TypeScript. */
  showRequest(title: string, request: NodeRequest): void;
  /** Rejects with an Error with a message for the user if there was no answer. */
  send(request: NodeRequest): Promise<Answer>;
  /** Something must be redrawn. */
  changed(): void;
}
