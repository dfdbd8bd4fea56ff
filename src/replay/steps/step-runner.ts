// Runs a step scenario on a real store and watch engine, and answers each operation as the recorder of real etcd did:
// one JSON object a line.

import { MvccwError } from '../../errors.js';
import type { Backend } from '../../mvcc/backend.js';
import { fromApiEnd } from '../../mvcc/key-range.js';
import { LostRecordError, type RangeRequest } from '../../mvcc/range.js';
import { type Committed, Store } from '../../mvcc/store.js';
import { clearFinishedCompactRev, writeFinishedCompactRev } from '../../mvcc/store-state.js';
import type { WriteTxn } from '../../mvcc/write-txn.js';
import { WatchEngine } from '../../watch/watch-engine.js';
import type { WatchStream } from '../../watch/watch-stream.js';
import { DEFAULT_WATCH_PARAMETERS, type WatchParameters } from '../../watch/watchable-history.js';
import { ALL_WATCHERS, type Watcher, type WatchResponse } from '../../watch/watcher.js';
import { type EtcdRelease, NEWEST_RELEASE } from '../releases/etcd-release.js';
import { type Answer, byName, bytesJson, errorText, eventJson, rangeJson } from './step-answer.js';
import {
  bytesField,
  type ConfigOp,
  type DeleteOp,
  type PutOp,
  type RangeOp,
  type StepOp,
  type WatchOp,
} from './step-op.js';

/** Opens the one database of the scenario. It is called again for each restart, after the backend before was closed. */
type OpenBackend = () => Backend;

/**
 * Returns the end of the range. In a scenario, an absent or empty `end` means the one key, and a NUL means all keys
 * from `key` on.
 */
function endOf(op: DeleteOp | RangeOp | WatchOp): string | undefined {
  return fromApiEnd(bytesField(op, 'end'));
}

function rangeRequest(op: RangeOp): RangeRequest {
  return { key: bytesField(op, 'key'), end: endOf(op), rev: op.rev, limit: op.limit, countOnly: op.countOnly };
}

class StepRunner {
  private backend: Backend;
  private store: Store;
  private engine: WatchEngine;
  private readonly watchers = new Map<string, { readonly watcher: Watcher; readonly stream: WatchStream }>();
  private readonly streams = new Map<string, WatchStream>();
  private readonly parameters: WatchParameters;

  constructor(
    private readonly open: OpenBackend,
    private readonly config: Omit<ConfigOp, 'op'>,
    private readonly release: EtcdRelease,
  ) {
    this.parameters = {
      chanBufLen: config.chanBufLen ?? release.chanBufLen ?? DEFAULT_WATCH_PARAMETERS.chanBufLen,
      maxWatchersPerSync: config.maxWatchersPerSync ?? DEFAULT_WATCH_PARAMETERS.maxWatchersPerSync,
      watchBatchMaxRevs: config.watchBatchMaxRevs ?? DEFAULT_WATCH_PARAMETERS.watchBatchMaxRevs,
    };
    this.backend = open();
    this.store = this.openStore();
    this.engine = this.openEngine();
  }

  private openStore(): Store {
    const { compactionBatchLimit } = this.config;
    return new Store(this.backend, { compactionBatchLimit, behaviours: this.release.behaviours });
  }

  private openEngine(): WatchEngine {
    return new WatchEngine(this.store, this.parameters, this.release.behaviours);
  }

  close(): void {
    this.backend.close();
  }

  run(op: StepOp): Answer {
    const { store } = this;
    switch (op.op) {
      case 'config':
      case 'defrag':
        return {};
      case 'put':
        return { rev: this.commit((txn) => put(txn, op)).revision };
      case 'delete': {
        const { result, revision } = this.commit((txn) => txn.deleteRange(bytesField(op, 'key'), endOf(op)));
        return { deleted: result, rev: revision };
      }
      case 'txn': {
        const { result, revision } = this.commit((txn) => op.ops.map((step) => runInTxn(txn, step)));
        return { results: result, rev: revision };
      }
      case 'range':
        return rangeJson(store.range(rangeRequest(op)));
      case 'compact':
        store.compact(op.rev);
        return {};
      case 'hash':
        return { ...store.hash(op.rev), currentRev: store.currentRev };
      case 'grant':
        store.grantLease(BigInt(op.lease), op.ttl);
        return { rev: store.currentRev };
      case 'revoke':
        return { rev: this.announce(store.revokeLease(BigInt(op.lease))).revision };
      case 'leases':
        return { leases: this.leases() };
      case 'restart':
        return this.restart(op.finishedCompactRev);
      case 'restore':
        store.restore();
        this.engine.restore();
        return this.revisions();
      case 'dump':
        return { entries: this.dump() };
      case 'state':
        return this.state();
      default:
        return this.runWatchOp(op);
    }
  }

  private runWatchOp(
    op: Extract<StepOp, { op: 'watch' | 'cancel' | 'sync' | 'victims' | 'recv' | 'progress' | 'progressAll' }>,
  ): Answer {
    switch (op.op) {
      case 'watch': {
        const stream = this.stream(op.stream ?? op.watcher);
        // etcd's gRPC layer answers a start revision below 0 before the store sees it.
        if ((op.startRev ?? 0) < 0) return { error: 'compacted' };
        const { startRev, watchId, filters } = op;
        const watcher = stream.watch({ key: bytesField(op, 'key'), end: endOf(op), startRev, watchId, filters });
        this.watchers.set(op.watcher, { watcher, stream });
        return { watchId: watcher.id };
      }
      case 'cancel': {
        const { watcher, stream } = this.watcher(op.watcher);
        stream.cancel(watcher.id);
        return {};
      }
      case 'sync':
        return { unsynced: this.engine.syncWatchers() };
      case 'victims':
        return { moved: this.engine.moveVictims() };
      case 'recv':
        return {
          responses: this.stream(op.stream)
            .take(op.max)
            .map((response) => this.responseJson(op.stream, response)),
        };
      case 'progress': {
        const { watcher, stream } = this.watcher(op.watcher);
        stream.requestProgress(watcher.id);
        return {};
      }
      case 'progressAll':
        return { sent: this.stream(op.stream).requestProgressAll() };
    }
  }

  private stream(name: string): WatchStream {
    let stream = this.streams.get(name);
    if (stream === undefined) {
      stream = this.engine.openStream();
      this.streams.set(name, stream);
    }
    return stream;
  }

  private watcher(name: string): { readonly watcher: Watcher; readonly stream: WatchStream } {
    const started = this.watchers.get(name);
    if (started === undefined) throw new MvccwError('WATCHER_NOT_FOUND', 'no such watcher');
    return started;
  }

  private commit<T>(body: (txn: WriteTxn) => T): Committed<T> {
    return this.announce(this.store.write(body));
  }

  private announce<T>(committed: Committed<T>): Committed<T> {
    if (committed.events.length > 0) this.engine.notify(committed.revision, committed.events);
    return committed;
  }

  /** Restarts on a store whose index is built anew, as etcd's is at every start. */
  private restart(finishedCompactRev: number | undefined): Answer {
    this.backend.close();
    this.backend = this.open();
    if (finishedCompactRev !== undefined) {
      const { meta } = this.backend.tables;
      this.backend.transaction(() => {
        if (finishedCompactRev === 0) clearFinishedCompactRev(meta);
        else writeFinishedCompactRev(meta, finishedCompactRev);
      });
    }
    this.store = this.openStore();
    this.store.restore();
    this.engine = this.openEngine();
    this.watchers.clear();
    this.streams.clear();
    return this.revisions();
  }

  private revisions(): Answer {
    return { compactRevision: this.store.compactRev, rev: this.store.currentRev };
  }

  private leases(): Answer[] {
    return [...this.store.leases.list()].map(({ id, ttlSeconds }) => ({
      lease: Number(id),
      ttl: ttlSeconds,
      keys: this.store.leases.keys(id).map((key) => bytesJson('key', key)),
    }));
  }

  private dump(): Answer[] {
    return [...this.store.records(0, Number.MAX_SAFE_INTEGER - 1)].map(({ main, sub, tombstone, valueBytes }) => ({
      main,
      sub,
      ...(tombstone && { tombstone }),
      value64: valueBytes.toString('base64'),
    }));
  }

  private state(): Answer {
    const watchers = [...this.watchers].map(
      ([
        name,
        {
          watcher: { group, minRev },
        },
      ]): [string, Answer] => [name, group === 'cancelled' ? { group: 'gone' } : { group, minRev }],
    );
    const queued = [...this.streams].map(([name, stream]): [string, number] => [name, stream.queued]);
    const { currentRev, compactRev } = this.store;
    return { currentRev, compactRev, watchers: byName(watchers), queued: byName(queued) };
  }

  private responseJson(streamName: string, response: WatchResponse): Answer {
    const { watchId, revision, compactRevision, events } = response;
    return {
      watcher: this.nameOf(streamName, watchId),
      watchId,
      revision,
      compactRevision,
      events: events.map(eventJson),
    };
  }

  private nameOf(streamName: string, watchId: number): string {
    if (watchId === ALL_WATCHERS) return '*';
    const stream = this.streams.get(streamName);
    let found = '';
    for (const [name, started] of this.watchers) {
      if (started.stream === stream && started.watcher.id === watchId) found = name;
    }
    return found;
  }
}

function put(txn: WriteTxn, op: PutOp): void {
  const value = Buffer.from(bytesField(op, 'value'), 'latin1');
  txn.put(bytesField(op, 'key'), value, BigInt(op.lease ?? 0));
}

function runInTxn(txn: WriteTxn, op: PutOp | DeleteOp | RangeOp): Answer {
  switch (op.op) {
    case 'put':
      put(txn, op);
      return {};
    case 'delete':
      return { deleted: txn.deleteRange(bytesField(op, 'key'), endOf(op)) };
    case 'range':
      return rangeJson(txn.range(rangeRequest(op)));
  }
}

/**
 * Runs a scenario and yields its trace: one answer an operation. When etcd would end its process, the answer is
 * `{"panic": …}`, and the trace ends.
 */
export function* runStepScenario(
  ops: readonly StepOp[],
  open: OpenBackend,
  release: EtcdRelease = NEWEST_RELEASE,
): Iterable<Answer> {
  const config = ops[0]?.op === 'config' ? ops[0] : {};
  const runner = new StepRunner(open, config, release);
  try {
    for (const op of ops) {
      try {
        yield runner.run(op);
      } catch (error) {
        if (error instanceof LostRecordError) {
          yield { panic: 'range failed to find revision pair' };
          return;
        }
        if (!(error instanceof MvccwError)) throw error;
        yield { error: errorText(error) };
      }
    }
  } finally {
    runner.close();
  }
}
