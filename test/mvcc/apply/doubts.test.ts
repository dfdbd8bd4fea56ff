// These tests write logs with requests of which the log alone does not tell whether a member refused them.

import t from 'tap';
import { type AppliedLog, applyLog } from '../../../src/mvcc/apply/apply-log.js';
import type { ApplyBase } from '../../../src/mvcc/apply/base-state.js';
import { LogApplication } from '../../../src/mvcc/apply/log-application.js';
import type { Decide } from '../../../src/mvcc/apply/open-questions.js';
import { MemoryTable } from '../../../src/mvcc/memory-table.js';
import { u64 } from '../../../src/mvcc/revision.js';
import { CheckedStoreReader } from '../../../src/mvcc/store.js';
import type { RaftLog } from '../../../src/wal/raft-log.js';
import { readLog } from '../../../src/wal/read-log.js';
import {
  encodeLogRequest,
  encodeV2Request,
  type WantedHeader,
  type WantedRequest,
} from '../../support/log-requests.js';
import { memorySegments } from '../../support/wal-segments.js';
import { message, sparse } from '../../support/wire.js';
import { LogWriter } from '../../support/write-log.js';

const NODE_ID = 0x1111_2222_3333_4444n;
/** Ids of requests that this member, and another one, was asked for. */
const OWN = 0x4444_0000_0000_0100n;
const OTHER = 0x5555_0000_0000_0100n;

type Asked = readonly [WantedRequest | Buffer, WantedHeader?];

/** Returns a log with these requests, from index 1 on, and with snapshots behind some of them. */
function logOf(requests: readonly Asked[], snapshotsBehind: readonly number[] = []): RaftLog {
  const writer = new LogWriter({ nodeId: NODE_ID });
  for (const [i, [request, header]] of requests.entries()) {
    const data = Buffer.isBuffer(request) ? request : encodeLogRequest(request, { id: OWN, ...header });
    writer.entry({ index: i + 1, term: 2, data });
    if (snapshotsBehind.includes(i + 1)) writer.snapshot(i + 1, 2);
  }
  writer.saveState({ term: 2, commit: requests.length });
  return readLog(memorySegments(writer.finish()));
}

function apply(...requests: readonly Asked[]): AppliedLog {
  return applyLog(logOf(requests), undefined);
}

/** Returns the doubts of a log, and what came of its last request. */
function told(...requests: readonly Asked[]): string[] {
  const applied = apply(...requests);
  const { revision, reason } = applied.outcomeOf(requests.length)!;
  return [...applied.doubts.map(({ kind, followed }) => `${kind}: ${followed}`), `${revision ?? reason}`];
}

const version = (text: string): Asked => [{ kind: 'clusterVersionSet', version: text }];
const put: WantedRequest = { kind: 'put', key: 'a', value: '1' };
const FUTURE = { kind: 'range', key: 'a', revision: 99 } as const;

t.test('a get at a revision that cannot be read', async (t) => {
  const txn: WantedRequest = { kind: 'txn', success: [put, FUTURE] };
  t.strictSame(told([txn, { id: OWN }]), ['revision of a get: refused', 'revision is in the future']);
  t.strictSame(told([txn, { id: OTHER }]), ['revision of a get: applied', '2']);
  t.strictSame(told(version('3.7.0'), [txn, { id: OTHER }]), ['revision is in the future'], 'all members check it');
  t.strictSame(
    told([{ kind: 'txn', success: [FUTURE] }, { id: OWN }]),
    ['revision is in the future'],
    'nothing to change',
  );
  const nested: WantedRequest = { kind: 'txn', success: [{ kind: 'txn', success: [put, FUTURE] }] };
  t.strictSame(
    told([nested, { id: OTHER }]),
    ['revision is in the future'],
    'of a nested transaction, none is left out',
  );
  const lost: WantedRequest = { kind: 'txn', success: [{ ...put, lease: 5n }, FUTURE] };
  t.strictSame(told([lost, { id: OTHER }]), ['lease not found'], 'it is refused in any case');
});

/** Users root and ann, who may write a, and read nothing; the auth revision is then 8. */
const USERS: readonly Asked[] = (
  [
    { kind: 'userAdd', user: 'root' },
    { kind: 'roleAdd', role: 'root' },
    { kind: 'userGrantRole', user: 'root', role: 'root' },
    { kind: 'userAdd', user: 'ann' },
    { kind: 'roleAdd', role: 'writer' },
    { kind: 'userGrantRole', user: 'ann', role: 'writer' },
    { kind: 'roleGrantPermission', role: 'writer', permission: 'write', key: 'a' },
    { kind: 'authEnable' },
  ] satisfies WantedRequest[]
).map((request) => [request] as const);
const ANN = { user: 'ann', authRevision: 8 };
const ROOT = { user: 'root', authRevision: 8 };

t.test('rights within a transaction', async (t) => {
  const get: WantedRequest = { kind: 'txn', success: [put, { kind: 'range', key: 'b' }] };
  t.strictSame(told(...USERS, [get, { ...ANN, id: OWN }]), ['right to a get: refused', 'permission denied']);
  t.strictSame(told(...USERS, [get, { ...ANN, id: OTHER }]), ['right to a get: applied', '2']);
  t.strictSame(told(...USERS, version('3.7.0'), [get, { ...ANN, id: OTHER }]), ['permission denied']);
  const previous: WantedRequest = { kind: 'txn', success: [{ ...put, prevKv: true }] };
  t.strictSame(told(...USERS, [previous, ANN]), ['rights to more than the key of a put: refused', 'permission denied']);
  const nested: WantedRequest = { kind: 'txn', success: [{ kind: 'txn', success: [{ kind: 'put', key: 'b' }] }] };
  t.strictSame(told(...USERS, [nested, ANN]), ['rights in a nested transaction: refused', 'permission denied']);
  const foreign: WantedRequest = { kind: 'txn', success: [{ kind: 'put', key: 'b' }] };
  t.strictSame(told(...USERS, [foreign, ANN]), ['permission denied'], 'no release lets it pass');
  const reversed = { kind: 'txn', success: [put, { kind: 'deleteRange', key: 'c', end: 'a' }] } as const;
  t.strictSame(told(...USERS, [reversed, ANN]), ['right to a reversed range: refused', 'permission denied']);
  t.strictSame(told(...USERS, [reversed, ROOT]), ['2'], 'root may do everything');
  const both: WantedRequest = { kind: 'txn', success: [put, reversed] };
  t.strictSame(told(...USERS, [both, ANN]), [
    'rights in a nested transaction: refused',
    'right to a reversed range: refused',
    'permission denied',
  ]);
});

const RAISED: Asked = [{ kind: 'alarm', action: 'activate', member: NODE_ID, alarm: 'nospace' }];

t.test('alarms', async (t) => {
  const before: Asked = [{ kind: 'put', key: 'b', value: '1' }, ROOT];
  const del: Asked = [{ kind: 'deleteRange', key: 'b' }, ANN];
  t.strictSame(told(...USERS, before, RAISED, del), ['rights under an alarm: applied', '3'], 'up to 3.5');
  t.strictSame(told(...USERS, version('3.6.0'), before, RAISED, del), ['permission denied']);
  t.strictSame(
    told(
      ...USERS,
      before,
      RAISED,
      [
        { kind: 'leaseGrant', id: 7n, ttl: 9 },
        { ...ROOT, id: OWN + 2n ** 24n },
      ],
      del,
    ),
    ['rights under an alarm: refused', 'permission denied'],
    'after a restart',
  );
  const nested: WantedRequest = { kind: 'txn', success: [{ kind: 'txn', success: [put] }] };
  t.strictSame(told(RAISED, [nested]), ['puts in a nested transaction: applied', '2']);
  t.strictSame(told(RAISED, [{ kind: 'txn', failure: [put] }]), ['NOSPACE'], 'a put of the other branch counts');
});

/** Returns the doubts of a log by their bonds. The log has snapshots behind some entries. */
function bonds(snapshotsBehind: readonly number[], decide: Decide, ...requests: readonly Asked[]): string[] {
  const { doubts } = new LogApplication(logOf(requests, snapshotsBehind), undefined, { decide });
  return doubts.map(({ index, followed, decidedBy, bond }) => `${index} ${followed} ${decidedBy} ${bond ?? 'free'}`);
}

const MS = 256n;

t.test('doubts that hang on one restart', async (t) => {
  const txn: WantedRequest = { kind: 'txn', success: [put, FUTURE] };
  const at = (ms: bigint): Asked => [txn, { id: OWN + ms * MS }];
  const other: Asked = [txn, { id: OTHER }];
  const log = [at(0n), at(1n), other, at(2n), at(500n), at(501n)] as const;
  const free = (indexes: number[]) =>
    indexes.map((index) => `${index} ${index === 3 ? 'applied' : 'refused'} rule free`);
  t.strictSame(
    bonds([], () => undefined, ...log),
    free([1, 2, 3, 4, 5, 6]),
  );
  t.strictSame(
    bonds([], (index) => (index === 2 ? 'applied' : undefined), ...log),
    [...free([1]), '2 applied rule free', ...free([3]), '4 applied rule earlier', ...free([5, 6])],
    'what follows in the process was applied again too',
  );
  t.strictSame(
    bonds([], () => undefined, version('3.5.0'), at(0n), other),
    ['2 refused rule free', '3 applied log log'],
    'a member that was not asked checks no gets',
  );
});

t.test('a snapshot proves that what was before it was on the disk', async (t) => {
  const txn: WantedRequest = { kind: 'txn', success: [put, FUTURE] };
  const at = (ms: bigint): Asked => [txn, { id: OWN + ms * MS }];
  const told = (...requests: readonly Asked[]) => bonds([2], () => undefined, ...requests);
  t.strictSame(told(at(0n), at(1n), at(2n)), ['1 refused log log', '2 refused log log', '3 refused rule free']);
  t.match(told(at(0n), at(1n), at(500n))[0], /rule free/, 'by another process');
  t.match(told(at(0n), at(500n), at(501n))[0], /rule free/, 'behind a restart');
  t.match(told(at(0n), at(1n))[0], /rule free/, 'by a process that is not seen behind it');
  t.match(told(at(0n), [txn, { id: OTHER }], at(1n))[0], /rule free/, 'where others ask too');
});

t.test('rights under alarms', async (t) => {
  const del = (key: string): Asked => [{ kind: 'deleteRange', key }, ANN];
  const keys = ['b', 'c', 'd', 'e'];
  const disarm: Asked = [{ kind: 'alarm', action: 'deactivate', member: NODE_ID, alarm: 'nospace' }, ROOT];
  const raise: Asked = [RAISED[0], ROOT];
  const puts = keys.map((key): Asked => [{ kind: 'put', key, value: '1' }, ROOT]);
  const log = [...USERS, ...puts, raise, del('b'), del('c'), disarm, raise, del('d'), del('e')];
  const first = USERS.length + puts.length + 2;
  const told = (...refused: number[]) =>
    bonds([], (index) => (refused.includes(index - first) ? 'refused' : undefined), ...log).map((text) =>
      text.replace(/^\d+/, (index) => `${Number(index) - first}`),
    );
  const all = [0, 1, 4, 5].map((index) => `${index} applied rule free`);
  t.strictSame(told(), all);
  t.strictSame(told(0), [
    '0 refused rule free',
    '1 refused rule earlier',
    '4 applied rule earlier',
    '5 applied rule earlier',
  ]);
  t.strictSame(told(4), [...all.slice(0, 2), '4 refused rule free', '5 refused rule earlier']);
  const nested: Asked = [
    { kind: 'txn', success: [{ kind: 'txn', success: [{ kind: 'deleteRange', key: 'b' }] }] },
    ANN,
  ];
  t.strictSame(
    bonds(
      [],
      (_, kind) => (kind === 'rights under an alarm' ? 'refused' : undefined),
      ...log.slice(0, first - 1),
      nested,
    ),
    [`${first} refused rule free`, `${first} refused rule free`],
    'two things that it hangs on',
  );
  t.strictSame(
    bonds(
      [],
      (_, kind) => (kind === 'rights under an alarm' ? 'refused' : 'applied'),
      ...log.slice(0, first - 1),
      nested,
    ),
    [`${first} applied rule free`],
    'rights that are checked, but not in nested transactions',
  );
});

/** Returns the database of a server that has applied a log as the rules say. */
function besideOf(log: RaftLog): ApplyBase {
  const { backend, lastIndex } = applyLog(log, undefined);
  const meta = new MemoryTable();
  meta.put(Buffer.from('consistent_index'), u64(lastIndex));
  return { tables: { ...backend.tables, meta }, sizeBytes: () => 0, entriesOf: () => [] };
}

t.test('a permission for a range without keys', async (t) => {
  const grant: Asked = [{ kind: 'roleGrantPermission', role: 'writer', permission: 'write', key: 'c', end: 'b' }, ROOT];
  t.strictSame(told(...USERS, grant), ['permission for an empty range: refused', 'change of users or roles refused']);
  t.strictSame(told(version('3.6.0'), ...USERS, grant), ['change of users or roles refused']);
  const after: Asked = [
    { kind: 'put', key: 'a', value: '1' },
    { ...ANN, authRevision: 9 },
  ];
  const log = logOf([...USERS, grant, after]);
  const { doubts } = applyLog(log, undefined, { beside: besideOf(log) });
  t.match(doubts, [{ kind: 'permission for an empty range', followed: 'applied', decidedBy: 'database' }]);
  t.equal(doubts.length, 1, 'the auth revision of the next request tells');
});

t.test('a restart is known by what a member tells of itself', async (t) => {
  const path = '/0/members/1111222233334444/attributes';
  const attributes: Asked = [encodeV2Request(OWN + 300n * MS, path, '{}')];
  const del: Asked = [{ kind: 'deleteRange', key: 'b' }, ANN];
  const before: Asked = [{ kind: 'put', key: 'b', value: '1' }, ROOT];
  t.strictSame(told(...USERS, before, RAISED, attributes, del), [
    'rights under an alarm: refused',
    'permission denied',
  ]);
});

t.test('what cannot be known', async (t) => {
  t.strictSame(told([message([100, sparse([1, OWN])], [1400, 'x'])]), [
    'kind of request: refused',
    'request of an unknown kind',
  ]);
  t.strictSame(told(...USERS, [put, { ...ANN, authRevision: 9 }]), ['users and roles: applied', '2']);
});

t.test('where a log does not begin at the first entry, nothing is applied', async (t) => {
  const writer = new LogWriter({ sequence: 3, firstIndex: 700 });
  writer.entry({ index: 700, term: 2, data: encodeLogRequest(put) });
  writer.saveState({ term: 2, commit: 700 });
  const { stop, currentRev, lastIndex } = applyLog(readLog(memorySegments(writer.finish())), undefined);
  t.strictSame(stop, { index: 1, reason: 'the log does not have the entries from 1 to 699' });
  t.strictSame([currentRev, lastIndex], [1, 0]);
});

t.test('the value of a put is kept by others that ignore it', async (t) => {
  const { backend } = apply(
    [put],
    [{ kind: 'leaseGrant', id: 5n, ttl: 60 }],
    [{ kind: 'put', key: 'a', lease: 5n, ignoreValue: true }],
    [{ kind: 'put', key: 'a', ignoreValue: true, ignoreLease: true }],
  );
  const records = [...new CheckedStoreReader(backend).records(2, 4)].map((record) => record.keyValue());
  t.strictSame(
    records.map(({ value, lease, version }) => `${value} ${lease} ${version}`),
    ['1 0 1', '1 5 2', '1 5 3'],
  );
});
