import t from 'tap';
import { decodeRequest } from '../../src/wal/decode-request.js';
import type { Compare, PutRequest, TxnRequest } from '../../src/wal/request.js';
import { encodeLogRequest, encodeV2Request, type WantedRequest } from '../support/log-requests.js';
import { message, sparse } from '../support/wire.js';

const HEADER = { id: 0xae46a22020191f03n, user: Buffer.from('älice').toString('latin1'), authRevision: 12 };

/** Returns a decoded request as plain values, without its header. */
function plain(data: Buffer): Record<string, unknown> {
  const { header: _, ...fields } = decodeRequest(data) as unknown as Record<string, unknown>;
  return fields;
}

t.test('the header', async (t) => {
  const { header } = decodeRequest(encodeLogRequest({ kind: 'leaseRevoke', id: 1n }, HEADER));
  t.equal(header.id, HEADER.id);
  t.equal(header.memberBits, 0xae46);
  t.equal(header.authRevision, 12);
  t.equal(header.user, 'älice');
  t.equal(decodeRequest(message([1, 7n], [9, sparse([1, 1n])])).header.id, 7n, 'an id outside of a header');
});

t.test('a put, in the middle of other bytes', async (t) => {
  const wanted = { kind: 'put', key: 'k\xff', value: 'v\0', lease: -2n, prevKv: true, ignoreLease: true } as const;
  const data = encodeLogRequest(wanted, HEADER);
  const bytes = Buffer.concat([Buffer.alloc(5, 0xff), data, Buffer.alloc(5, 0xff)]);
  const put = decodeRequest(bytes, 5, 5 + data.length) as PutRequest;
  t.equal(put.key, 'k\xff');
  t.equal(put.value.toString('latin1'), 'v\0');
  t.equal(bytes.toString('latin1', put.valueStart, put.valueEnd), 'v\0', 'where the value lies');
  t.strictSame([put.lease, put.prevKv, put.ignoreValue, put.ignoreLease], [-2n, true, false, true]);
});

t.test('ranges', async (t) => {
  const end = (given: string | undefined) =>
    plain(encodeLogRequest({ kind: 'deleteRange', key: 'a', ...(given !== undefined && { end: given }) })).end;
  t.equal(end(undefined), undefined, 'one key');
  t.equal(end(''), '', 'from a key on');
  t.equal(end('b'), 'b');
  t.strictSame(plain(encodeLogRequest({ kind: 'range', key: 'a', revision: 2 ** 40 })), {
    kind: 'range',
    key: 'a',
    end: undefined,
    revision: 2 ** 40,
  });
});

t.test('a transaction, whose branches are decoded in any order', async (t) => {
  const txn = decodeRequest(
    encodeLogRequest({
      kind: 'txn',
      compare: [
        { key: 'a', result: '!=', target: 'mod', than: -1n },
        { key: 'b', end: '', result: '<', target: 'value', than: 'xyz' },
        { key: 'c', result: '>', target: 'lease', than: 2n ** 62n },
      ],
      success: [
        { kind: 'put', key: 'a', value: '1' },
        { kind: 'txn', success: [{ kind: 'deleteRange', key: 'd' }], failure: [{ kind: 'put', key: 'e', value: '2' }] },
      ],
      failure: [{ kind: 'range', key: 'a' }],
    }),
  ) as TxnRequest;
  const [first, second, third] = txn.compares as [Compare, Compare, Compare];
  t.strictSame([first.result, first.target, first.number], ['!=', 'mod', -1]);
  t.strictSame([second.end, second.target, second.value.toString()], ['', 'value', 'xyz']);
  t.equal(third.lease, 2n ** 62n);
  t.strictSame(
    txn.failure.map(({ kind }) => kind),
    ['range'],
  );
  const [put, nested] = txn.success as [PutRequest, TxnRequest];
  const [inFailure] = nested.failure as [PutRequest];
  t.strictSame([inFailure.key, inFailure.value.toString()], ['e', '2']);
  t.strictSame([put.key, put.value.toString()], ['a', '1']);
  t.match(nested.success, [{ kind: 'deleteRange', key: 'd', end: undefined, prevKv: false }]);
});

t.test('a compare with a value for another target is one with nothing', async (t) => {
  const compare = message([1, sparse([1, 3], [2, 2], [3, 'a'], [4, 9])]);
  const { compares } = decodeRequest(message([6, compare], [100, sparse([1, 1])])) as TxnRequest;
  t.strictSame([compares[0]!.target, compares[0]!.number], ['mod', 0]);
});

t.test('every other kind', async (t) => {
  const cases: [WantedRequest, Record<string, unknown>][] = [
    [
      { kind: 'compaction', revision: 7, physical: true },
      { kind: 'compaction', revision: 7, physical: true },
    ],
    [
      { kind: 'leaseGrant', id: 5n, ttl: 60 },
      { kind: 'leaseGrant', id: 5n, ttlSeconds: 60 },
    ],
    [
      { kind: 'leaseRevoke', id: 5n },
      { kind: 'leaseRevoke', id: 5n },
    ],
    [
      { kind: 'leaseCheckpoint', checkpoints: [{ id: 5n, ttl: 9 }] },
      { kind: 'leaseCheckpoint', checkpoints: [{ id: 5n, remainingTtlSeconds: 9 }] },
    ],
    [
      { kind: 'alarm', action: 'activate', member: 2n ** 63n, alarm: 'nospace' },
      { kind: 'alarm', action: 'activate', memberId: 2n ** 63n, alarm: 'NOSPACE' },
    ],
    [{ kind: 'authEnable' }, { kind: 'authEnable' }],
    [{ kind: 'authDisable' }, { kind: 'authDisable' }],
    [
      { kind: 'authenticate', user: 'u', token: 't' },
      { kind: 'authenticate', user: 'u' },
    ],
    [
      { kind: 'userAdd', user: 'u' },
      { kind: 'authUserAdd', user: 'u' },
    ],
    [
      { kind: 'userDelete', user: 'u' },
      { kind: 'authUserDelete', user: 'u' },
    ],
    [
      { kind: 'userChangePassword', user: 'u' },
      { kind: 'authUserChangePassword', user: 'u' },
    ],
    [
      { kind: 'userGrantRole', user: 'u', role: 'r' },
      { kind: 'authUserGrantRole', user: 'u', role: 'r' },
    ],
    [
      { kind: 'userRevokeRole', user: 'u', role: 'r' },
      { kind: 'authUserRevokeRole', user: 'u', role: 'r' },
    ],
    [
      { kind: 'roleAdd', role: 'r' },
      { kind: 'authRoleAdd', role: 'r' },
    ],
    [
      { kind: 'roleDelete', role: 'r' },
      { kind: 'authRoleDelete', role: 'r' },
    ],
    [
      { kind: 'roleGrantPermission', role: 'r', permission: 'write', key: 'a', end: 'b' },
      { kind: 'authRoleGrantPermission', role: 'r', permission: { access: 'write', key: 'a', end: 'b' } },
    ],
    [
      { kind: 'roleRevokePermission', role: 'r', key: 'a', end: '' },
      { kind: 'authRoleRevokePermission', role: 'r', key: 'a', end: '' },
    ],
    [
      { kind: 'clusterVersionSet', version: '3.6.0' },
      { kind: 'clusterVersionSet', version: '3.6.0' },
    ],
  ];
  for (const [wanted, expected] of cases) t.strictSame(plain(encodeLogRequest(wanted, HEADER)), expected, wanted.kind);
});

t.test('a request of the second API is told apart by its wire types', async (t) => {
  const data = encodeV2Request(77n, '/0/version', '3.5.0');
  t.strictSame(plain(data), { kind: 'v2', method: 'PUT', path: '/0/version', value: '3.5.0' });
  t.equal(decodeRequest(data).header.id, 77n);
});

t.test('newer releases: unknown fields are passed by, and an unknown kind is told', async (t) => {
  const put = message([4, Buffer.concat([sparse([1, 'k'], [2, 'v']), message([77, 'x'])])], [100, sparse([1, 1])]);
  const { key, value } = decodeRequest(Buffer.concat([put, message([3000, 5])])) as PutRequest;
  t.strictSame([key, value.toString()], ['k', 'v']);
  t.strictSame(plain(message([100, sparse([1, 1])], [1400, 'abc'])), { kind: 'unknown', field: 1400 });
});

t.test('what is no request', async (t) => {
  const data = encodeLogRequest({ kind: 'put', key: 'key', value: 'value' });
  for (const bytes of [data.subarray(0, 6), Buffer.from([0x07]), message([100, sparse([1, 1])])]) {
    t.throws(() => decodeRequest(bytes), { code: 'CORRUPT' });
  }
});
