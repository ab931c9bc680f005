/** The cluster under siege: a monitor and servers, real processes, every link between them through a proxy. */
import { mkdirSync } from 'node:fs';
import type { ServerStatus } from '@understudy/kvservice';
import { realWorld, type Transport } from '@understudy/rpc';
import type { MonitorStatus } from '@understudy/sysmonitor';
import type { SeededRandom } from '@understudy/testkit';
import { freePorts } from '../support/free-ports.ts';
import type { Clocks } from './clocks.ts';
import { Links } from './links.ts';
import { Member, type MemberParts } from './member.ts';

export interface Shape {
  readonly servers: number;
  readonly backups: number;
  readonly monitorKeepsData: boolean;
  readonly serversKeepData: boolean;
}

export interface ClusterParts {
  readonly shape: Shape;
  readonly directory: string;
  readonly random: SeededRandom;
  readonly clocks: Clocks | undefined;
  readonly onUnexpectedEnd: MemberParts['onUnexpectedEnd'];
}

export const MONITOR = 'monitor';
/** All recorded clients; they live in this process. */
export const CLIENTS = 'clients';

const QUESTION_MS = 2_000;

export class SiegeCluster implements AsyncDisposable {
  readonly shape: Shape;
  readonly links: Links;
  readonly monitor: Member;
  readonly servers: readonly Member[];
  /** Past all faults of the network. */
  readonly transport: Transport = realWorld().transport;

  private constructor({ shape, directory, random, clocks, onUnexpectedEnd }: ClusterParts, ports: readonly number[]) {
    this.shape = shape;
    const names = [MONITOR, ...Array.from({ length: shape.servers }, (_, index) => `s${index + 1}`)];
    const sources = new Map(names.map((name, index) => [sourceAddress(index), name]));
    this.links = new Links(random.stream('links'), (address) => sources.get(address) ?? CLIENTS);
    const monitorAddress = `127.0.0.1:${ports[names.length]}`;
    const [monitor, ...servers] = names.map((name, index) => {
      const [port = 0, proxyPort = 0] = [ports[index], ports[names.length + index]];
      const advertise = ['--advertise', `127.0.0.1:${proxyPort}`];
      const args =
        name === MONITOR
          ? ['monitor', '--backups', String(shape.backups)]
          : ['server', '--monitor', monitorAddress, ...advertise];
      const keepsData = name === MONITOR ? shape.monitorKeepsData : shape.serversKeepData;
      const source = sourceAddress(index);
      return new Member({ name, args, port, proxyPort, source, directory, keepsData, clocks, onUnexpectedEnd });
    });
    if (monitor === undefined) throw new Error('no monitor');
    this.monitor = monitor;
    this.servers = servers;
  }

  /** Resolves when all processes listen. */
  static async start(parts: ClusterParts): Promise<SiegeCluster> {
    mkdirSync(parts.directory, { recursive: true });
    const ports = await freePorts(2 * (parts.shape.servers + 1));
    const cluster = new SiegeCluster(parts, ports);
    const { members, links } = cluster;
    for (const [index, { name }] of members.entries()) {
      const [targetPort = 0, port = 0] = [ports[index], ports[members.length + index]];
      await links.proxy({ node: name, port, targetPort });
    }
    await cluster.#start(cluster.monitor, '--new');
    await Promise.all(cluster.servers.map((server) => cluster.#start(server)));
    return cluster;
  }

  get members(): readonly Member[] {
    return [this.monitor, ...this.servers];
  }

  serverAt(address: string): Member | undefined {
    return this.servers.find((server) => server.address === address);
  }

  /** What the monitor says; undefined when it does not answer. */
  monitorStatus(): Promise<MonitorStatus | undefined> {
    return this.#ask<MonitorStatus>(this.monitor, 'sysmonitor.status');
  }

  serverStatus(server: Member): Promise<ServerStatus | undefined> {
    return this.#ask<ServerStatus>(server, 'kv.status');
  }

  /** A view is acknowledged, and as many backups as wanted hold all the data. */
  async isAtFullStrength(): Promise<boolean> {
    const status = await this.monitorStatus();
    if (status === undefined || status.phase !== 'serving' || !status.acknowledged) return false;
    const { backups, syncing } = status.view;
    return backups.length === this.shape.backups && syncing.length === 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
    await this.transport.close();
    await this.links.close();
  }

  async #start(member: Member, ...args: readonly string[]): Promise<void> {
    const ended = await member.start(...args);
    if (ended !== undefined) throw new Error(`${member.name} did not start: ${member.lastWords()}`);
  }

  async #ask<T>({ directAddress, isAlive, isStopped }: Member, method: string): Promise<T | undefined> {
    if (!isAlive || isStopped) return undefined;
    try {
      return (await this.transport.call(directAddress, method, {}, { timeoutMs: QUESTION_MS })) as T;
    } catch {
      return undefined; // it is dead or busy, and the caller has to know that anyhow
    }
  }
}

/** Each process has one of its own; clients have 127.0.0.1. */
function sourceAddress(index: number): string {
  return `127.0.0.${10 + index}`;
}
