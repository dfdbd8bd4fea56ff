// These tests hold the writer of logs of these tests (test/support/write-log.ts) against logs of real servers.

import t from 'tap';
import { crc32c } from '../../src/bytes/crc32c.js';
import { encodeLogRequest, encodeV2Request } from '../support/log-requests.js';
import { recordedLog } from '../support/recorded-logs.js';
import { entryIn, LogWriter, takeApart, writeAnew } from '../support/write-log.js';

/** A single server of 3.4, one of 3.5 with users, one that had to overwrite entries, and one with a gap in its log. */
const RECORDED = [
  ['mixed-34', 'm1'],
  ['auth-35', 'm1'],
  ['cluster-35-b', 'm1'],
  ['behind-35', 'm3'],
] as const;

t.test('a recorded log that is taken apart and written anew has the same bytes', async (t) => {
  for (const [set, member] of RECORDED) {
    const recorded = recordedLog(set, member);
    const names = recorded.map((segment) => segment.name);
    const [written, ...more] = writeAnew(names, takeApart(recorded), crc32c).finish(recorded[0]!.bytes.length);
    t.same(more, []);
    t.ok(written!.bytes.equals(recorded[0]!.bytes), set);
  }
});

t.test('a log that is written by its entries has the records that a server writes', async (t) => {
  const records = takeApart(recordedLog('behind-35', 'm3'));
  const writer = new LogWriter({ crc: crc32c });
  for (const entry of records.map(entryIn)) if (entry !== undefined) writer.entry(entry);
  const entries = (from: typeof records) =>
    from.filter((record) => entryIn(record) !== undefined).map(({ data }) => data);
  t.strictSame(entries(takeApart(writer.finish())), entries(records));
});

const ID = 659955605628454400n;
const AUTH_ID = 15411496185085861892n;
const LEASE = 659955605628454406n;

/** Requests as they lie in the recorded logs. */
const KNOWN: readonly Buffer[] = [
  encodeV2Request(ID + 4n, '/0/version', '3.4.0'),
  encodeLogRequest({ kind: 'leaseGrant', id: LEASE, ttl: 600 }, { id: ID + 7n }),
  encodeLogRequest({ kind: 'put', key: '/iron/11' }, { id: ID + 8n }),
  encodeLogRequest({ kind: 'put', key: '/iron/09', value: 'value 2 value 2 ' }, { id: ID + 9n }),
  encodeLogRequest({ kind: 'leaseRevoke', id: LEASE }, { id: ID + 10n }),
  encodeLogRequest({ kind: 'put', key: '/zinc/08', value: 'il 4', ignoreLease: true }, { id: ID + 11n }),
  encodeLogRequest(
    {
      kind: 'txn',
      compare: [
        { result: '<', target: 'version', key: '/iron/00', than: 2n },
        { result: '=', target: 'create', key: '/tin/05', than: 0n },
      ],
      success: [
        { kind: 'deleteRange', key: '/tin/08' },
        { kind: 'put', key: '/tin/05', value: 't6' },
        { kind: 'put', key: '/iron/06', value: 't6' },
      ],
      failure: [
        { kind: 'deleteRange', key: '/tin/03' },
        { kind: 'deleteRange', key: '/zinc/08' },
      ],
    },
    { id: ID + 13n },
  ),
  encodeLogRequest(
    {
      kind: 'txn',
      compare: [
        { result: '=', target: 'create', key: '/iron/08', than: 0n },
        { result: '=', target: 'version', key: '/iron/10', than: 2n },
      ],
      success: [
        { kind: 'deleteRange', key: '/iron/05' },
        { kind: 'put', key: '/tin/06', value: 't20 83' },
      ],
      failure: [
        { kind: 'put', key: '/tin/02', value: 't20 85' },
        { kind: 'range', key: '/zinc/00' },
      ],
    },
    { id: ID + 28n },
  ),
  encodeLogRequest({ kind: 'deleteRange', key: '/zinc/07', end: '/zinc/09' }, { id: ID + 14n }),
  encodeLogRequest({ kind: 'compaction', revision: 126 }, { id: 659955605628454615n }),
  encodeLogRequest(
    { kind: 'alarm', action: 'activate', member: 17078438490657786152n, alarm: 'nospace' },
    { id: 659955605631286266n },
  ),
  encodeLogRequest(
    {
      kind: 'userAdd',
      user: 'root',
      hash: 'JDJhJDEwJE8zQmNxRkpCTkk1NU5QeVN2NkY2NE9OMWNHUDJQQWNobG5EWjBSSlM1UmE2T2RGeDI2ZFMy',
    },
    { id: AUTH_ID },
  ),
  encodeLogRequest({ kind: 'userGrantRole', user: 'root', role: 'root' }, { id: AUTH_ID + 1n }),
  encodeLogRequest({ kind: 'roleAdd', role: 'r-alice' }, { id: AUTH_ID + 2n }),
  encodeLogRequest(
    { kind: 'roleGrantPermission', role: 'r-alice', permission: 'readwrite', key: '/north/', end: '/north0' },
    { id: AUTH_ID + 3n },
  ),
  encodeLogRequest({ kind: 'authEnable' }, { id: AUTH_ID + 10n }),
  encodeLogRequest({ kind: 'authenticate', user: 'root', token: 'eAgriGMrnMuPGypF' }, { id: AUTH_ID + 12n }),
  encodeLogRequest({ kind: 'userDelete', user: 'bob' }, { id: 15411496185091754380n, user: 'root', authRevision: 12 }),
  encodeLogRequest(
    {
      kind: 'txn',
      compare: [
        { result: '=', target: 'value', key: '/west/04', than: 'v0' },
        { result: '=', target: 'create', key: '/south/09', than: 0n },
      ],
      success: [{ kind: 'deleteRange', key: '/south/06' }],
      failure: [{ kind: 'deleteRange', key: '/south/02' }],
    },
    { id: AUTH_ID + 32n, user: 'alice', authRevision: 11 },
  ),
];

t.test('each kind of request that servers have logged is encoded to the same bytes', async (t) => {
  const entries = [...takeApart(recordedLog('mixed-34', 'm1')), ...takeApart(recordedLog('auth-35', 'm1'))].map(
    entryIn,
  );
  const data = new Set(entries.map((entry) => entry?.data?.toString('hex')));
  for (const [place, bytes] of KNOWN.entries()) t.ok(data.has(bytes.toString('hex')), `request ${place}`);
});
