// These tests write origins in all their forms.

import t from 'tap';
import { Proposers } from '../../src/inspect/blame/proposers.js';
import { originFacts, originJson } from '../../src/output/origin.js';
import type { RevisionOrigin } from '../../src/wal/origin.js';

const MEMBERS = [{ id: '69b38ac7138de88d', name: 's\x1b1', peerURLs: [], clientURLs: [], isLearner: false }];
const PROPOSERS = new Proposers({ members: MEMBERS, removedMembers: [] }, Date.UTC(2026, 10, 28, 12));
const ORIGIN: RevisionOrigin = { index: 812, term: 3, requestId: 0xe88da22020191f03n, user: '', request: 'put' };
const PROCESS = 's\\x1b1, up since 2026-11-28T03:08:24Z';

const facts = (...origins: Partial<RevisionOrigin>[]) =>
  originFacts(
    origins.map((origin) => ({ ...ORIGIN, ...origin })),
    PROPOSERS,
  ).join('; ');

t.test('for people', async (t) => {
  t.equal(facts(), '');
  t.equal(facts({}), `put through ${PROCESS}; index 812 of term 3`);
  t.equal(
    facts({ user: 'al\nice', request: 'txn' }),
    `transaction by al\\nice through ${PROCESS}; index 812 of term 3`,
  );
  t.equal(
    facts({ requestId: 0x0102a22020191f03n, request: 'deleteRange' }),
    'deletion through the member …0102, up since 2026-11-28T03:08:24Z; index 812 of term 3',
  );
  t.equal(
    facts({}, { index: 815 }),
    `put through ${PROCESS}; index 812 of term 3 or 815 of term 3`,
    'not known which, and it makes no difference',
  );
  t.match(facts({}, { index: 815, user: 'bob' }), /^put through .* or put by bob through .*; index 812 .* or 815/);
  const ends = (user: string) => facts({ request: 'leaseRevoke', user }).split(' through ')[0];
  t.equal(ends(''), 'lease ran out or was revoked');
  t.equal(ends('root'), 'lease ran out or was revoked by root');
  t.equal(ends('bob'), 'lease revoked by bob');
});

t.test('for programs', async (t) => {
  const said = {
    index: 812,
    term: 3,
    request: 'put',
    user: undefined,
    requestId: 0xe88da22020191f03n,
    member: '69b38ac7138de88d',
    memberName: 's\x1b1',
    memberOneOf: undefined,
    memberBits: 'e88d',
    upSince: '2026-11-28T03:08:24.223Z',
  };
  t.same(originJson([], PROPOSERS), {});
  t.same(originJson([ORIGIN], PROPOSERS), { origin: said });
  t.same(originJson([ORIGIN, { ...ORIGIN, index: 815, user: 'bob' }], PROPOSERS), {
    originOneOf: [said, { ...said, index: 815, user: 'bob' }],
  });
});
