import t from 'tap';
import { type ClusterInfo, readCluster } from '../../src/inspect/cluster.js';

type Content = Readonly<Record<string, readonly (readonly [key: string, value: string])[]>>;

/** Reads the cluster from buckets whose keys and values are byte strings. */
function read(content: Content): ClusterInfo {
  return readCluster((name) =>
    (content[name] ?? []).map(([key, value]) => ({
      key: Buffer.from(key, 'latin1'),
      value: Buffer.from(value, 'latin1'),
    })),
  );
}

const NOTHING: ClusterInfo = {
  storageVersion: undefined,
  consistentIndex: undefined,
  term: undefined,
  members: [],
  removedMembers: [],
  alarms: [],
  auth: { enabled: false, revision: undefined, users: 0, roles: 0 },
  problems: [],
};

t.test('a file without these buckets', async (t) => {
  t.strictSame(read({}), NOTHING);
});

t.test('each bucket', async (t) => {
  t.strictSame(
    read({
      meta: [
        ['confState', '{}'],
        ['consistent_index', '\0\0\0\0\0\0\x01\x90'],
        ['storageVersion', '3.6.0'],
        ['term', '\0\0\0\0\0\0\0\x07'],
      ],
      members: [
        [
          'c2150da6adc7d3c8',
          '{"id":13985099227400229832,"peerURLs":["http://p:1"],"name":"m2","clientURLs":["http://c:1"]}',
        ],
        ['1f', '{"id":31,"peerURLs":["http://p:2"],"isLearner":true}'],
      ],
      members_removed: [['2807919989f070c5', 'removed']],
      alarm: [
        ['\x08\xc8\xa7\x9f\xee\xea\xb4\xc3\x8a\xc2\x01\x10\x01', ''],
        ['\x08\x1f\x10\x02', ''],
        ['\x08\x1f\x10\x09', ''],
      ],
      auth: [
        ['authEnabled', '\x01'],
        ['authRevision', '\0\0\0\0\0\0\0\x0d'],
      ],
      authUsers: [
        ['alice', 'x'],
        ['root', 'x'],
      ],
      authRoles: [['r', 'x']],
    }),
    {
      storageVersion: '3.6.0',
      consistentIndex: 400,
      term: 7,
      members: [
        {
          id: 'c2150da6adc7d3c8',
          name: 'm2',
          peerURLs: ['http://p:1'],
          clientURLs: ['http://c:1'],
          isLearner: false,
        },
        { id: '1f', name: '', peerURLs: ['http://p:2'], clientURLs: [], isLearner: true },
      ],
      removedMembers: ['2807919989f070c5'],
      alarms: [
        { member: 'c2150da6adc7d3c8', alarm: 'NOSPACE' },
        { member: '1f', alarm: 'CORRUPT' },
        { member: '1f', alarm: 'alarm 9' },
      ],
      auth: { enabled: true, revision: 13, users: 2, roles: 1 },
      problems: [],
    },
  );
});

t.test('a damaged record is a problem with its place, and the others are read', async (t) => {
  const table: [bucket: string, key: string, value: string, problem: RegExp][] = [
    ['members', 'xyz', '{}', /^bucket 'members', record "xyz": its name is no id of a member/],
    ['members', '1f', '{"id":', /^bucket 'members', record "1f": it is no object in JSON$/],
    ['members', '1f', 'null', /it is no object in JSON$/],
    ['members', '1f', '{"id":32}', /^bucket 'members', record "1f": it is the member 32, by its own id$/],
    ['members', '1f', '{"id":31,"name":7}', /of another type than etcd writes$/],
    ['members', '1f', '{"id":31,"peerURLs":["a",1]}', /of another type than etcd writes$/],
    ['members_removed', '0x1f', 'removed', /^bucket 'members_removed', record "0x1f": its name is no id/],
    ['alarm', '\x08', '', /^bucket 'alarm', record "\\b": alarm: varint cut short/],
    ['auth', 'authEnabled', '\x02', /^bucket 'auth', record "authEnabled": 0x02 is neither 00 nor 01$/],
    ['auth', 'authRevision', '\0', /a number has 8 bytes, and this has 1$/],
    ['meta', 'term', '\xff\xff\xff\xff\xff\xff\xff\xff', /^bucket 'meta', record "term": \d+ is beyond 2\^53$/],
  ];
  for (const [bucket, key, value, problem] of table) {
    const { problems, ...rest } = read({ [bucket]: [[key, value]] });
    t.match(problems, [problem], `${bucket} ${key} ${value}`);
    t.strictSame(rest, (({ problems: _, ...others }) => others)(NOTHING), `${bucket} ${key} ${value}`);
  }
});
