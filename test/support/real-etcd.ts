// This module restores a snapshot with etcd's own tool and serves it with a real etcd. Tests that need them are skipped
// where the programs are missing. Requests go through etcd's JSON gateway, since a process for each would take long.

import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Test } from 'tap';
import { temporaryFolder } from './run-cli.js';
import { until } from './until.js';

const ENVIRONMENT = { PATH: process.env.PATH, ETCDCTL_API: '3', ETCD_UNSUPPORTED_ARCH: process.arch };

const run = promisify(execFile);

const isHere = (program: string) => spawnSync(program, ['version'], { env: ENVIRONMENT }).error === undefined;

/** From etcd 3.6 on, etcdutl restores snapshots; before, etcdctl does. */
const RESTORER = ['etcdutl', 'etcdctl'].find(isHere);

/** This is the reason why this machine has no etcd to ask; false if it has. */
export const noEtcd: string | false =
  RESTORER === undefined || !isHere('etcd')
    ? 'etcd and etcdctl are not here: install etcd-server and etcd-client'
    : false;

/** A key as etcd's API gives it, in JSON. */
export interface ApiKeyValue {
  readonly key: string;
  readonly create_revision: string;
  readonly mod_revision: string;
  readonly version: string;
  readonly value?: string;
  readonly lease?: string;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

const freeAddress = async () => `http://127.0.0.1:${await freePort()}`;

export class EtcdServer {
  private constructor(
    private readonly url: string,
    /** Ends the server, which writes its database first. */
    readonly stop: () => Promise<void>,
  ) {}

  /** Restores the snapshot, and starts a cluster of one member with it, which ends with the test. */
  static async restored(t: Test, snapshot: string): Promise<EtcdServer> {
    const dataDir = join(temporaryFolder(t), 'data');
    const peer = await freeAddress();
    const cluster = [`--initial-cluster=n1=${peer}`, `--initial-advertise-peer-urls=${peer}`];
    const restore = ['snapshot', 'restore', snapshot, '--name', 'n1', '--data-dir', dataDir, ...cluster];
    await run(RESTORER!, restore, { env: ENVIRONMENT });
    return EtcdServer.started(t, dataDir, peer, cluster);
  }

  /** Starts a cluster of one member with the data directory of that member, which applies its log. */
  static async on(t: Test, dataDir: string): Promise<EtcdServer> {
    return EtcdServer.started(t, dataDir, await freeAddress());
  }

  private static async started(
    t: Test,
    dataDir: string,
    peer: string,
    cluster: readonly string[] = [],
  ): Promise<EtcdServer> {
    const client = await freeAddress();
    const member = ['--name', 'n1', '--data-dir', dataDir];
    const urls = [`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`, `--listen-peer-urls=${peer}`];
    const elections = ['--heartbeat-interval=10', '--election-timeout=100'];
    const child = spawn('etcd', [...member, ...cluster, ...urls, ...elections], { env: ENVIRONMENT });
    let log = '';
    child.stderr.on('data', (piece) => {
      log += piece;
    });
    const ended = once(child, 'close');
    const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
      child.kill(signal);
      await ended;
    };
    t.teardown(() => end('SIGKILL'));
    const server = new EtcdServer(client, () => end('SIGTERM'));
    let answers = false;
    await until(
      () => {
        void server.answers().then(
          () => {
            answers = true;
          },
          () => undefined,
        );
        return answers || child.exitCode !== null;
      },
      () => `etcd does not answer:\n${log}`,
    );
    if (!answers) throw new Error(`etcd has ended:\n${log}`);
    return server;
  }

  /** Resolves when the server has applied its log, whether it lets anybody read or not. */
  private async answers(): Promise<void> {
    await this.post('kv/range', { key: 'AA==', range_end: 'AA==', count_only: true });
  }

  private async post(path: string, body: object): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.url}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) });
    return (await response.json()) as Record<string, unknown>;
  }

  /** Returns all keys at a revision, 0 for the newest. */
  async range(revision: number): Promise<ApiKeyValue[] | { readonly error: string }> {
    const answer = await this.post('kv/range', { key: 'AA==', range_end: 'AA==', revision: String(revision) });
    if (typeof answer.error === 'string') return { error: answer.error };
    return (answer.kvs as ApiKeyValue[] | undefined) ?? [];
  }

  async revision(): Promise<number> {
    const { header } = await this.post('kv/range', { key: 'AA==', count_only: true });
    return Number((header as { revision: string }).revision);
  }

  /** Returns hashKV at a revision, 0 for the newest. The gateway gives another hash under this name. */
  async hash(revision: number): Promise<number> {
    const args = [`--endpoints=${this.url}`, 'endpoint', 'hashkv', `--rev=${revision}`, '-w', 'json'];
    const { stdout } = await run('etcdctl', args, { env: ENVIRONMENT });
    return JSON.parse(stdout)[0].HashKV.hash;
  }

  /** Runs the text of a transaction, one char a byte, with etcdctl. Returns SUCCESS, FAILURE, or an error. */
  async txn(text: string): Promise<string> {
    const child = run('etcdctl', [`--endpoints=${this.url}`, 'txn'], { env: ENVIRONMENT });
    child.child.stdin!.end(text, 'latin1');
    const { stdout } = await child.catch((error: { stderr: string }) => ({ stdout: error.stderr }));
    return stdout.split('\n')[0]!;
  }

  /** Returns the granted TTL of each lease by its id, in seconds. */
  async leases(): Promise<Record<string, number>> {
    const { leases = [] } = await this.post('lease/leases', {});
    const ids = (leases as { ID: string }[]).map(({ ID }) => ID);
    const ttls = await Promise.all(ids.map(async (ID) => (await this.post('lease/timetolive', { ID })).grantedTTL));
    return Object.fromEntries(ids.map((id, i) => [id, Number(ttls[i])]));
  }

  /** Puts a key and keeps its lease; returns the error, or undefined. */
  async putIgnoringLease(key: string, value: string): Promise<unknown> {
    const [key64, value64] = [key, value].map((text) => Buffer.from(text, 'latin1').toString('base64'));
    return (await this.post('kv/put', { key: key64, value: value64, ignore_lease: true })).error;
  }
}
