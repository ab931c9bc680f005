/** The page: listens to all nodes, feeds the model, and draws the views when something has changed. */
import { PageModel } from './model/page-model.js';
import { serverToAsk } from './model/route.js';
import { Reach } from './net/reach.js';
import { send } from './net/send.js';
import { Streams } from './net/streams.js';
import { ageView } from './view/age.js';
import { chaosView } from './view/chaos.js';
import { clusterView } from './view/cluster.js';
import { feedView } from './view/feed.js';
import { keyBrowserView } from './view/key-browser.js';
import { momentView } from './view/moment.js';
import { nodeTableView } from './view/node-table.js';
import { performanceView } from './view/performance.js';
import { requestDialog } from './view/request-dialog.js';
import { timelineView } from './view/timeline.js';
import { verdictView } from './view/verdict.js';

/** @import { Hello } from '../src/feed.ts' */
/** @import { Cluster } from './model/state.d.ts' */
/** @import { Page, Scene, View } from './view/scene.d.ts' */

/** Data also ages while nothing is heard. */
const TICK_MS = 500;

begin();

function begin() {
  const model = new PageModel();
  /** By base: the name that a node gave itself. @type {Map<string, string>} */
  const names = new Map();
  const reach = new Reach();
  const home = location.origin;
  /** @type {number | undefined} */
  let moment;
  let frame = 0;

  const streams = new Streams(
    {
      hello: (base, hello) => {
        if (names.get(base) === undefined && base === home && hello.node !== location.host) model.forget(location.host);
        names.set(base, hello.node);
        model.hello(hello.node, hello, Date.now());
        listenToAll(hello);
        changed();
      },
      notice: (base, notice) => {
        model.notice(nameOf(base), notice, Date.now());
        hurryTo(notice.notice);
        changed();
      },
      sample: (base, sample) => {
        model.sample(nameOf(base), sample, Date.now());
        if (sample.kind === 'monitor')
          hearOf(
            /** @type {{ servers?: readonly { server: string, condition: string }[] }} */ (sample.status).servers ?? [],
          );
        changed();
      },
      lost: (base) => {
        model.connecting(nameOf(base), Date.now());
        model.lost(nameOf(base), Date.now());
        changed();
      },
    },
    reach,
  );

  /** @type {Page} */
  const page = { show, showRequest: requestDialog(), changed, send: (request) => send(reach, request) };
  /** @type {readonly View[]} */
  const views = [
    momentView(model, page),
    ageView(page),
    verdictView(),
    clusterView(page),
    performanceView(model, page),
    timelineView(page),
    chaosView(page),
    nodeTableView(page),
    keyBrowserView(page),
    feedView(page),
  ];
  document.addEventListener('securitypolicyviolation', ({ blockedURI, effectiveDirective }) => {
    if (effectiveDirective !== 'connect-src') return;
    const base = new URL(blockedURI).origin;
    reach.bar(base);
    streams.anew(base);
  });
  window.setInterval(changed, TICK_MS);
  streams.listenTo(home);
  changed();

  /** @param {string} base */
  function nameOf(base) {
    return names.get(base) ?? (base === home ? location.host : base.replace('http://', ''));
  }

  /** @param {string} node */
  function baseOf(node) {
    return node === names.get(home) ? home : `http://${node}`;
  }

  /** @param {Hello} hello */
  function listenToAll({ nodes, chaos }) {
    for (const node of chaos === undefined ? nodes : [...nodes, chaos]) {
      model.connecting(node, Date.now());
      streams.listenTo(baseOf(node));
    }
  }

  /** @param {readonly { readonly server: string, readonly condition: string }[]} servers */
  function hearOf(servers) {
    for (const { server, condition } of servers) {
      if (condition === 'silent') continue;
      model.connecting(server, Date.now());
      streams.listenTo(baseOf(server));
    }
  }

  /**
   * The monitor reports that a server is back.
   * @param {{ readonly kind: string, readonly server?: string, readonly condition?: string }} notice
   */
  function hurryTo({ kind, server, condition }) {
    if (kind !== 'server' || server === undefined || condition === 'silent') return;
    model.connecting(server, Date.now());
    streams.listenTo(baseOf(server));
    streams.hurry(baseOf(server));
  }

  /** @param {number | undefined} at */
  function show(at) {
    moment = at;
    changed();
  }

  function changed() {
    frame ||= requestAnimationFrame(draw);
  }

  function draw() {
    frame = 0;
    const now = Date.now();
    const cluster = model.clusterAt(now, moment);
    const own = names.get(home);
    const asked = serverToAsk(moment === undefined ? cluster : model.clusterAt(now), own);
    /** @type {Scene} */
    const scene = {
      now,
      moment,
      model,
      cluster,
      verdict: model.verdictOn(cluster, moment),
      base: asked === undefined ? undefined : baseOf(asked),
      own,
      isOwnLost: model.nodes.some(({ node, link }) => node === (own ?? location.host) && link === 'lost'),
      outOfReach: reach.unnamed,
    };
    for (const view of views) view.update(scene);
    if (moment === undefined && drains(cluster)) changed();
  }
}

/** A server is overdue, so its ring changes with every frame. @param {Cluster} cluster */
function drains({ members }) {
  return members.some(({ ring }) => ring !== undefined && ring > 0 && ring < 1);
}
