/**
 * One run of a simulation. It starts the cluster, the clients and the faults, undoes all faults after three quarters of
 * the time, and then checks that the service answers, that the servers agree, and that the histories are linearizable.
 */
import type { FaultClass } from '../faults/classes.ts';
import { FAULTS } from '../faults/faults.ts';
import { FaultStage } from '../faults/stage.ts';
import { type DrawnFault, drawFaults } from '../faults/swarm.ts';
import { drawTheme } from '../faults/themes.ts';
import type { Asked, Told } from '../workload/recorder.ts';
import { runCode, UserCode } from '../workload/user-code.ts';
import { Workload } from '../workload/workload.ts';
import { SimulatedWorld } from '../world/simulated-world.ts';
import { Aftermath } from './aftermath.ts';
import { unexplained } from './calm.ts';
import { Cluster, nameOf } from './cluster.ts';
import { Coverage } from './coverage.ts';
import { invariantsFor } from './invariants.ts';
import { Judge } from './judge.ts';
import { MONITOR, MONITORS } from './monitor-life.ts';
import type { SimulationSettings } from './options.ts';
import { drawProfile, type Profile, withLastingSessions } from './profile.ts';
import type { SimulationResult } from './result.ts';
import { drawShape } from './shape.ts';
import { Teller } from './teller.ts';
import type { Happening } from './trace.ts';
import { clientNames, FAULTY_SHARE, headerOf } from './trace-header.ts';

/**
 * A run that does not end reports its last trace entries. Garbage collection would copy thousands of them again and
 * again.
 */
const TRACE_ENTRIES = 100;
/** Servers that are still dead after the faults return by then: one of them may be the only one with the data. */
const LATEST_RETURN_MS = 5_000;

export class Run {
  readonly #settings: SimulationSettings;
  readonly #world: SimulatedWorld;
  readonly #profile: Profile;
  readonly #drawn: readonly DrawnFault[];
  readonly #judge: Judge;
  readonly #coverage: Coverage;
  readonly #cluster: Cluster;
  readonly #aftermath: Aftermath;
  readonly #clients: Workload | UserCode;
  readonly #teller: Teller;
  #isHealed = false;
  #halted = '';
  #undecidedKeys = 0;
  #stop: () => void = () => {};
  /** Resolves when the run need not continue: at the first violation, or when nothing is left to judge. */
  readonly #over: Promise<void>;

  constructor(settings: SimulationSettings) {
    this.#settings = settings;
    const world = new SimulatedWorld({ seed: settings.seed, traceEntries: TRACE_ENTRIES });
    this.#world = world;
    this.#teller = new Teller(world, settings.onEvent);
    const tell = (happening: Happening) => this.#teller.tell(happening);
    const theme = settings.faults === 'all' ? drawTheme(world.random.stream('theme'), settings.disk) : undefined;
    const shape = drawShape(world.random.stream('shape'), {
      shape: settings.shape,
      hasGivenSize: settings.servers !== undefined || settings.backups !== undefined,
      isUsual: settings.littleMemory === true || settings.client !== undefined,
    });
    const profile = drawProfile(world.random.stream('profile'), {
      shape,
      servers: settings.servers,
      backups: settings.backups,
      clients: settings.clients,
      hasDisk: settings.disk,
      hasLittleMemory: settings.littleMemory,
      theme,
    });
    const { hasDisk } = profile;
    world.turnSpanMs = profile.turnSpanMs;
    this.#drawn = drawFaults(world.random.stream('swarm'), { wanted: settings.faults, hasDisk, theme });
    this.#profile = this.#deliversTwice ? withLastingSessions(profile) : profile;
    this.#over = new Promise((resolve) => {
      this.#stop = resolve;
    });
    this.#coverage = new Coverage(() => this.#clients.underWay);
    this.#judge = new Judge({
      invariants: invariantsFor({
        profile: this.#profile,
        clocksAreTrue: this.#clocksAreTrue,
        harmsOf: (server) => world.process(nameOf(server)).disk.harms,
        now: () => world.now,
        monitorStarts: () => this.#cluster.monitor.starts,
        monitorDisk: world.process(MONITOR).disk,
        onRepeated: () => this.#coverage.saw('repeated operation answered from memory after a failover'),
        onRoomMade: () => this.#coverage.saw('session made room for another'),
      }),
      now: () => world.now,
      onLog: (replica, change) => this.#teller.log(replica, change),
      onViolation: ({ property, rules, message }, where) => {
        tell({ kind: 'violation', property, rules, message, where: nameOf(where) });
        this.#stop();
      },
    });
    this.#cluster = new Cluster({
      world,
      servers: profile.servers,
      profile: this.#profile,
      judge: this.#judge,
      coverage: this.#coverage,
      tell,
      onHalt: (reason) => {
        if (this.#halted === '') this.#halted = reason;
        this.#judge.close();
        this.#stop();
      },
    });
    this.#aftermath = new Aftermath({ world, cluster: this.#cluster, judge: this.#judge });
    this.#clients = this.#newClients();
  }

  async toEnd(): Promise<SimulationResult> {
    try {
      await this.#world.run(() => Promise.race([this.#play(), this.#over]), {
        limitMs: this.#settings.seconds * 1_000 + 120_000,
        what: 'the run to end',
      });
    } catch (error) {
      this.#judge.violate('a run comes to its end', '', error instanceof Error ? error.message : String(error));
    }
    this.#expectExplained();
    const violations = this.#judge.violations.length;
    this.#teller.tell({ kind: 'end', violations, halted: this.#halted, digest: this.#world.digest });
    return this.#result();
  }

  async #play(): Promise<void> {
    const lastMs = this.#settings.seconds * 1_000;
    this.#begin();
    await this.#sleepUntil(lastMs * FAULTY_SHARE);
    this.#heal();
    this.#halted = await this.#aftermath.expectAnswers(this.#clients);
    if (this.#halted !== '') return;
    await this.#sleepUntil(lastMs);
    await this.#clients.stop();
    await this.#userCheck();
    await this.#aftermath.expectSameState();
    this.#cluster.countAll();
    await this.#clients.close();
    await this.#cluster.close();
    this.#aftermath.expectTidiness();
    this.#expectLinearizable();
  }

  #begin(): void {
    const { names } = this.#cluster;
    const random = this.#world.random.stream('start');
    this.#teller.tell(headerOf(this.#settings, this.#profile, this.#drawn, names));
    this.#cluster.monitor.start(true);
    for (const name of names) this.#world.at(random.number() * 300, () => this.#cluster.start(name));
    this.#clients.start();
    for (const { fault, strength } of this.#drawn) FAULTS[fault](this.#stageFor(fault, strength));
  }

  /** Undoes every fault except deaths. Dead servers return one by one, in time for the service to be judged. */
  #heal(): void {
    this.#isHealed = true;
    this.#teller.tell({ kind: 'healed' });
    this.#impatience.timeout = 0;
    this.#impatience.abort = 0;
    this.#world.network.calm();
    for (const healed of this.#world.processes) {
      healed.resume();
      healed.slowDown(0);
      healed.setClockRate(1);
      healed.disk.calm();
    }
    if (!this.#world.process(MONITOR).alive) this.#cluster.monitor.start(false);
    for (const name of this.#cluster.names) this.#world.at(LATEST_RETURN_MS, () => this.#cluster.start(name));
  }

  async #userCheck(): Promise<void> {
    const { check } = this.#settings;
    if (check === undefined) return;
    const kv = await runCode('check', check, { world: this.#world, monitors: MONITORS, onFailure: this.#onFailure });
    await kv.close();
  }

  #expectLinearizable(): void {
    if (this.#clients instanceof UserCode) return;
    const history = this.#clients.recorder.history();
    // Reads depend on leases, and leases on clocks within their bound.
    const events = this.#clocksAreTrue ? history.events : history.events.filter(({ op }) => op !== 'get');
    this.#undecidedKeys = this.#aftermath.expectLinearizable({ ...history, events }).undecided.length;
  }

  /** Only for a run that broke no other property. */
  #expectExplained(): void {
    if (this.#judge.violations.length > 0) return;
    const unknown = this.#clients instanceof Workload ? this.#clients.recorder.unknown : 0;
    const course = { faults: this.#teller.struck, coverage: this.#coverage.counts, halted: this.#halted, unknown };
    for (const what of unexplained(course)) this.#judge.conclude('what happens has a cause', '', what);
  }

  get #clocksAreTrue(): boolean {
    // If a machine sleeps while its wall clock is set back, no clock of it shows the sleep (L3).
    return !this.#has('drift-beyond') && !(this.#has('suspend') && this.#has('wall-jump'));
  }

  /** A refused request may still be done by its other copy. */
  get #deliversTwice(): boolean {
    return this.#has('duplicate') || this.#has('replay');
  }

  #has(fault: FaultClass): boolean {
    return this.#drawn.some((drawn) => drawn.fault === fault);
  }

  readonly #impatience = {
    timeout: 0,
    abort: 0,
    strike: (fault: 'timeout' | 'abort') => this.#teller.strike(fault, '', []),
  };

  readonly #onFailure = (name: string, error: unknown) =>
    this.#judge.violate('the code under simulation does not fail', '', `${name}: ${inFull(error)}`);

  #newClients(): Workload | UserCode {
    const { client, clients } = this.#settings;
    const parts = { world: this.#world, monitors: MONITORS, clients };
    if (client !== undefined) return new UserCode({ ...parts, client, onFailure: this.#onFailure });
    const onEnd = ({ client: name, op, key, value, call }: Asked, told: Told) => {
      if (!this.#teller.isHeard) return;
      const outcome =
        told.kind === 'output' ? JSON.stringify(told.output === undefined ? 'done' : told.output) : told.kind;
      const it = { op, key, ...(value === undefined ? {} : { value }) };
      this.#teller.tell({ kind: 'operation', client: name, ...it, began: call, outcome });
    };
    const onSaw = (name: string, began: number, values: ReadonlyMap<string, string | null>) => {
      if (!this.#teller.isHeard) return;
      const outcome = JSON.stringify(Object.fromEntries(values));
      this.#teller.tell({ kind: 'operation', client: name, op: 'scan', key: '', began, outcome });
    };
    const refusalsMayBeDone = this.#deliversTwice;
    const onProcess = (name: string, state: 'started' | 'ended') => this.#teller.tell({ kind: 'process', name, state });
    return new Workload({
      ...parts,
      random: this.#world.random.stream('clients'),
      profile: this.#profile,
      impatience: this.#impatience,
      refusalsMayBeDone,
      saw: (situation) => this.#coverage.saw(situation),
      onEnd,
      onSaw,
      onDefect: (name, error) => this.#judge.violate('clients are told the truth', 'C2', `${name}: ${inFull(error)}`),
      onProcess,
    });
  }

  #stageFor(fault: FaultClass, strength: number): FaultStage {
    return new FaultStage({
      fault,
      strength,
      world: this.#world,
      cluster: this.#cluster,
      workload: this.#clients instanceof Workload ? this.#clients : undefined,
      clients: clientNames(this.#settings.clients),
      impatience: this.#impatience,
      sessionTtlMs: this.#profile.sessionTtlMs,
      leastBytesPerSecond: this.#profile.leastBytesPerSecond,
      random: this.#world.random.stream(`fault ${fault}`),
      isHealed: () => this.#isHealed,
      strike: (what, how, who) => this.#teller.strike(what, how, who),
      over: (strike) => this.#teller.tell({ kind: 'fault-over', strike }),
    });
  }

  #sleepUntil(time: number): Promise<void> {
    return new Promise((resolve) => this.#world.at(time - this.#world.now, resolve));
  }

  #result(): SimulationResult {
    const { seed, seconds } = this.#settings;
    return {
      seed,
      digest: this.#world.digest,
      operations: this.#clients.begun,
      events: this.#world.events,
      violations: this.#judge.violations,
      faults: this.#teller.struck,
      coverage: this.#coverage.counts,
      halted: this.#halted,
      undecidedKeys: this.#undecidedKeys,
      seconds: this.#halted === '' ? seconds : Math.round(this.#world.now) / 1_000,
    };
  }
}

function inFull(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
