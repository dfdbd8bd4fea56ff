// These tests write logs with requests of which the log alone does not tell whether a member refused them.

import t from 'tap';
import { type AppliedLog, applyLog } from '../../../src/mvcc/apply/apply-log.js';
import { CheckedStoreReader } from '../../../src/mvcc/store.js';
import { readLog } from '../../../src/wal/read-log.js';
import { encodeLogRequest, type WantedHeader, type WantedRequest } from '../../support/log-requests.js';
import { memorySegments } from '../../support/wal-segments.js';
import { message, sparse } from '../../support/wire.js';
import { LogWriter } from '../../support/write-log.js';

const NODE_ID = 0x1111_2222_3333_4444n;
/** Ids of requests that this member, and another one, was asked for. */
const OWN = 0x4444_0000_0000_0100n;
const OTHER = 0x5555_0000_0000_0100n;

type Asked = readonly [WantedRequest | Buffer, WantedHeader?];

/** Applies a log with these requests, from index 1 on. */
function apply(...requests: readonly Asked[]): AppliedLog {
  const writer = new LogWriter({ nodeId: NODE_ID });
  for (const [i, [request, header]] of requests.entries()) {
    const data = Buffer.isBuffer(request) ? request : encodeLogRequest(request, { id: OWN, ...header });
    writer.entry({ index: i + 1, term: 2, data });
  }
  writer.saveState({ term: 2, commit: requests.length });
  return applyLog(readLog(memorySegments(writer.finish())), undefined);
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
