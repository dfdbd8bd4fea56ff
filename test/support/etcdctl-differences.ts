// This module lists where mvccw answers differently from etcdctl, and why. "mvccw help differences" prints the
// sentences in these words and this order. Every difference that the transcripts show must be among DIFFERENCES; all
// other answers must be the same.

/** The sentences are those of the help topic. */
export const SENTENCES = {
  table:
    '"-w table" prints keys and values, of one above 4 KiB how large it is; etcdctl only says that it cannot, after a put or delete is done',
  count: '"get --count-only" prints the count in every format; "compact -w json" prints JSON',
  hex: '"--hex" is for records and events; with JSON or fields it is refused, as it would change nothing; "-w protobuf" is not there',
  arguments: 'a third argument of "get" and of "put", and a negative revision, are refused',
  sort: '"get --sort-by --limit" without "--order" sorts all that is found, then cuts; a server cuts first',
  bytes:
    'keys and values of bytes that are not UTF-8 are given with "--key-hex" and "--value-hex"; etcdctl takes the bytes themselves',
  unicode:
    '"-w fields" escapes characters newer than Unicode 15.0, as Go 1.21 to 1.25 does; an older etcdctl escapes more',
  hash: '"hash --rev" at exactly the compact revision is answered; servers of 3.4 from 3.4.27 on say that it is compacted',
  usage: 'a wrong flag names those that are right on stderr, and prints nothing to stdout',
  duplicates:
    'a transaction that deletes a range from a key on and puts a key in it is refused, as other duplicates are',
  large:
    '"put" and "txn" take records of up to 16 MiB, key and value together; a server takes requests of up to 1.5 MiB',
  terminal:
    'on a terminal, control characters in keys and values are escaped, and "txn" and "watch -i" say what to type',
  filter: '"watch --filter put|delete" leaves events out, which etcd’s API can do but etcdctl cannot ask for',
  progress:
    '"watch --progress-interval" sets what is 10 minutes at a server; "progress" in "watch -i" is answered once, not once a watch',
  interactive: '"watch -i" shows what is committed by the end of its input, and then ends well',
  overtaken: 'a watch of "watch -i" that compaction overtakes ends alone; the others go on, and the exit status is 4',
  keepAlive: '"lease keep-alive" ends with status 4 when the lease is gone; etcdctl ends with 0',
  server:
    '"endpoint" and "member" are a server’s: "mvccw status" and "mvccw hash" tell of the database; "--db" stands for "--endpoints", and there is nobody to log in to',
  versions: '"version" and "defrag" tell of mvccw and its file',
  exit: 'exit statuses are those of "mvccw --help"',
} as const;

type Sentence = keyof typeof SENTENCES;

export interface Difference {
  readonly says: Sentence;
  /** The command is as typed, without the program's name; the difference applies to every step with this command. */
  readonly command: string;
  readonly stdin?: string;
  readonly stdout: string | RegExp;
  readonly exitCode: number;
}

const unknown = (command: string): Difference => ({ says: 'server', command, stdout: '', exitCode: 2 });

function table(command: string, row: string, stdin?: string): Difference {
  return { says: 'table', command, ...(stdin !== undefined && { stdin }), stdout: new RegExp(row), exitCode: 0 };
}

export const DIFFERENCES: readonly Difference[] = [
  table('put foo x -w table', '^│ +8 │$'),
  table('get foo -w table', '^│ foo │ x +│ +2 │ +9 │ +8 │ +│$'),
  table('get key1 key4 -w table', '^│ key3 │ value 3 │ +13 │ +13 │ +1 │ +│$'),
  table('del x -w table', '^│ +0 │ +22 │$'),
  table('txn -w table', '^│ SUCCESS +│ +25 │$', '\nget a\n\n\n'),
  { says: 'count', command: 'get key --prefix --count-only', stdout: '4\n', exitCode: 0 },
  {
    says: 'count',
    command: 'get key --prefix --count-only -w json',
    stdout: '{"header":{"revision":15},"count":4}\n',
    exitCode: 0,
  },
  { says: 'count', command: 'compaction 22 -w json', stdout: '{"header":{"revision":25}}\n', exitCode: 0 },
  { says: 'hex', command: 'get foo -w protobuf', stdout: '', exitCode: 2 },
  // etcdctl takes -1 for the newest revision, and so hides a wrong calculation.
  { says: 'arguments', command: 'get foo --rev=-1', stdout: '', exitCode: 2 },
  // Three arguments usually come from a key that was not quoted.
  { says: 'arguments', command: 'get a b c', stdout: '', exitCode: 2 },
  { says: 'arguments', command: 'watch foo --rev=-5', stdout: '', exitCode: 2 },
  { says: 'filter', command: 'watch foo --rev=1 --filter put', stdout: 'DELETE\nfoo\n\n', exitCode: 130 },
  {
    says: 'interactive',
    command: 'watch -i',
    stdin: 'watch foo --rev=3\nprogress\n',
    stdout: /^PUT\nfoo\nbar2\n(PUT\nfoo\n.*\n){6}DELETE\nfoo\n\nprogress notify: 25\n$/,
    exitCode: 0,
  },
  { says: 'usage', command: 'get foo --rev=abc', stdout: '', exitCode: 2 },
  { says: 'usage', command: 'get foo --nosuchflag', stdout: '', exitCode: 2 },
  { says: 'versions', command: 'version', stdout: 'mvccw version: 0.1.0\nAPI version: 3.5\n', exitCode: 0 },
  ...['status', 'hashkv'].flatMap((command) =>
    ['', ' -w json', ' -w fields', ' -w table'].map((format) => unknown(`endpoint ${command}${format}`)),
  ),
  unknown('endpoint health'),
  ...['', ' -w json', ' -w table'].map((format) => unknown(`member list${format}`)),
];

/**
 * These differences are those of the transcript txn-delete-then-put-3.5.30. The put would be lost when this revision is
 * compacted, and etcd would crash at the next read of the key.
 */
export const DELETE_THEN_PUT_DIFFERENCES: readonly Difference[] = [
  { says: 'duplicates', command: 'txn', stdin: '\ndel a --from-key\nput a 1\n\n\n', stdout: '', exitCode: 2 },
];

/** Each sentence that no transcript shows has the test here that does. */
export const SHOWN_ELSEWHERE: Readonly<Partial<Record<Sentence, readonly [file: string, title: string]>>> = {
  sort: ['../requests/get-request.test.ts', 'order, filters and limit'],
  bytes: ['any-bytes.test.ts', 'what is printed can be given back, in every command that takes a key'],
  unicode: ['../bytes/quote.test.ts', 'characters newer than those of Go are escaped'],
  hash: ['hash.test.ts', 'at each revision of the window, as the store had it then'],
  large: ['put.test.ts', 'as large as a record may be, in each format, and larger'],
  terminal: ['get.test.ts', 'into a pipe bytes go raw; on a terminal, and in a table, nothing steers'],
  progress: ['watch.test.ts', 'interactive: progress is answered once'],
  overtaken: ['watch.test.ts', 'interactive: a watch that compaction has overtaken'],
  keepAlive: ['lease.test.ts', 'keep-alive notices that the lease is gone, and lets others run out'],
  exit: ['../cli/main.test.ts', 'each kind of failure has its exit status'],
};
