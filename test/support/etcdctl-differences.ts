// Where mvccw answers otherwise than etcdctl did in the transcripts, and why. What is not listed must be the same.

export interface Difference {
  /** As it was typed, without the program's name; of every step with this command. */
  readonly command: string;
  readonly stdin?: string;
  readonly stdout: string | RegExp;
  readonly exitCode: number;
  readonly reason: string;
}

const TABLES =
  'etcdctl does not print keys as a table, but only says so when a put or del is done already; here it is printed';
const COUNT = 'etcdctl prints the count only as fields; here in each format';
const USAGE = 'etcdctl prints its whole help to stdout; here stdout stays empty, and stderr says which flags are right';
const SERVER = 'there is no server to ask: "mvccw status" and "mvccw hash" tell of the database';

const unknown = (command: string): Difference => ({ command, stdout: '', exitCode: 2, reason: SERVER });

function table(command: string, row: string, stdin?: string): Difference {
  return { command, ...(stdin !== undefined && { stdin }), stdout: new RegExp(row), exitCode: 0, reason: TABLES };
}

export const DIFFERENCES: readonly Difference[] = [
  table('put foo x -w table', '^│ +8 │$'),
  table('get foo -w table', '^│ foo │ x +│ +2 │ +9 │ +8 │ +│$'),
  table('get key1 key4 -w table', '^│ key3 │ value 3 │ +13 │ +13 │ +1 │ +│$'),
  table('del x -w table', '^│ +0 │ +22 │$'),
  table('txn -w table', '^│ SUCCESS +│ +25 │$', '\nget a\n\n\n'),
  { command: 'get key --prefix --count-only', stdout: '4\n', exitCode: 0, reason: COUNT },
  {
    command: 'get key --prefix --count-only -w json',
    stdout: '{"header":{"revision":15},"count":4}\n',
    exitCode: 0,
    reason: COUNT,
  },
  {
    command: 'get foo -w protobuf',
    stdout: '',
    exitCode: 2,
    reason: 'raw protobuf is not offered: JSON has the same fields, with all bytes',
  },
  {
    command: 'get foo --rev=-1',
    stdout: '',
    exitCode: 2,
    reason: 'etcdctl takes a negative revision for the newest, and so hides a wrong calculation',
  },
  {
    command: 'get a b c',
    stdout: '',
    exitCode: 2,
    reason: 'etcdctl ignores a third argument, such as a key that was not quoted',
  },
  {
    command: 'watch foo --rev=-5',
    stdout: '',
    exitCode: 2,
    reason: 'etcd takes a negative revision for one that has been compacted; here it is a wrong argument',
  },
  {
    command: 'watch foo --rev=1 --filter put',
    stdout: 'DELETE\nfoo\n\n',
    exitCode: 130,
    reason: 'etcdctl has no flag for what the API can do',
  },
  {
    command: 'watch -i',
    stdin: 'watch foo --rev=3\nprogress\n',
    stdout: /^PUT\nfoo\nbar2\n(PUT\nfoo\n.*\n){6}DELETE\nfoo\n\nprogress notify: 25\n$/,
    exitCode: 0,
    reason:
      'etcdctl fails at the end of its input; here what is committed by then is shown first, so that scripts can ask',
  },
  { command: 'get foo --rev=abc', stdout: '', exitCode: 2, reason: USAGE },
  { command: 'get foo --nosuchflag', stdout: '', exitCode: 2, reason: USAGE },
  {
    command: 'compaction 22 -w json',
    stdout: '{"header":{"revision":25}}\n',
    exitCode: 0,
    reason: 'etcdctl prints a sentence in every format; here the format that was asked for',
  },
  {
    command: 'version',
    stdout: 'mvccw version: 0.1.0\nAPI version: 3.5\n',
    exitCode: 0,
    reason: 'mvccw has its own versions; the API is that of etcd 3.5',
  },
  ...['status', 'hashkv'].flatMap((command) =>
    ['', ' -w json', ' -w fields', ' -w table'].map((format) => unknown(`endpoint ${command}${format}`)),
  ),
  unknown('endpoint health'),
  ...['', ' -w json', ' -w table'].map((format) => unknown(`member list${format}`)),
];

const LOST = 'the put would be lost when this revision is compacted, and etcd would end at the next read of the key';

/** Of the transcript txn-delete-then-put-3.5.30. */
export const DELETE_THEN_PUT_DIFFERENCES: readonly Difference[] = [
  { command: 'txn', stdin: '\ndel a --from-key\nput a 1\n\n\n', stdout: '', exitCode: 2, reason: LOST },
];
