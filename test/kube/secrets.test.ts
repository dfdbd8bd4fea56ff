import { encode } from 'cborg';
import t from 'tap';
import { fieldsOfTold, tellValue } from '../../src/kube/told-value.js';
import { toJson } from '../../src/output/formats/json.js';
import { decodingTeller } from '../../src/output/kube/decoding-teller.js';

const WORD = 'hunter2-of-the-day';
const BASE64 = Buffer.from(WORD).toString('base64');

/** Returns a field of a protobuf message that is shorter than 128 bytes. */
const field = (number: number, value: Buffer | string): Buffer => {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
};
const message = (...fields: Buffer[]): Buffer => Buffer.concat(fields);
const stored = (kind: string, body: Buffer): Buffer =>
  message(Buffer.from('k8s\0'), field(1, message(field(1, 'v1'), field(2, kind))), field(2, body));

const LABELS = field(11, message(field(1, 'app'), field(2, 'web')));
const BODY = message(
  field(1, message(field(1, 'db'), field(3, 'shop'), LABELS)),
  field(2, message(field(1, 'token'), field(2, WORD))),
);
const PROTOBUF = stored('Secret', BODY);
const DATA = { token: BASE64 };
const JSON_SECRET = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, data: DATA };
const nested = (depth: number): string =>
  depth === 0 ? JSON.stringify(JSON_SECRET) : JSON.stringify({ 'last-applied': nested(depth - 1) });

/** Returns all that is told of a value, also as a change from another one. */
function allTold(key: string, value: Buffer, before: Buffer): string {
  const teller = decodingTeller({});
  const { value: bytes, decoded } = teller.json(key, value);
  return [
    teller.line(key, value, 20),
    ...teller.fields(key, value),
    teller.sort(key, value),
    toJson(teller.changes(key, before, value) ?? null),
    toJson(teller.changes(key, value, before) ?? null),
    toJson(decoded),
    bytes?.toString('latin1') ?? '',
  ].join('\n');
}

const holdsWord = (told: string): boolean =>
  [WORD, BASE64, Buffer.from(WORD).toString('hex')].some((form) => told.includes(form.slice(2, 14)));

t.test('a Secret is hidden wherever it stands, in any encoding', async (t) => {
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } };
  const cbor = (value: unknown) => Buffer.concat([Buffer.from([0xd9, 0xd9, 0xf7]), encode(value)]);
  const list = { apiVersion: 'v1', kind: 'SecretList', items: [{ metadata: { name: 'db' }, data: DATA }] };
  const table: [what: string, value: Buffer | string][] = [
    ['protobuf', PROTOBUF],
    ['protobuf whose first byte is damaged', message(Buffer.from('K'), PROTOBUF.subarray(1))],
    ['a list in protobuf', stored('SecretList', field(2, BODY))],
    ['protobuf in a ConfigMap', stored('ConfigMap', field(3, message(field(1, 'a'), field(2, PROTOBUF))))],
    ['a list', JSON.stringify(list)],
    ['a list without apiVersion', JSON.stringify({ ...list, apiVersion: undefined })],
    ['a list in CBOR', cbor(list)],
    ['a list in CBOR that is cut short', cbor({ ...list, z: 'z' }).subarray(0, -1)],
    ['CBOR that is cut short', cbor({ ...JSON_SECRET, z: 'z' }).subarray(0, -1)],
    ['two kinds', JSON.stringify(JSON_SECRET).replace('{', '{"kind":"ConfigMap",')],
    ['a list of several kinds', JSON.stringify({ kind: 'List', apiVersion: 'v1', items: [configMap, JSON_SECRET] })],
    ...[1, 2, 3, 4].map((depth): [string, string] => [`JSON in ${depth} strings`, nested(depth)]),
    ['a label', JSON.stringify({ ...configMap, metadata: { name: 'c', labels: { a: nested(0) } } })],
  ];
  for (const [what, value] of table) {
    const bytes = Buffer.from(value as string);
    const told = allTold('/odd', bytes, PROTOBUF);
    t.notOk(holdsWord(told), `${what}: ${told}`);
    t.match(tellValue('/odd', bytes).hidden, true, what);
  }
});

t.test('a name of a Secret is not a Secret', async (t) => {
  const value = '{"spec":{"ref":{"apiVersion":"v1","kind":"Secret","name":"db"}}}';
  t.equal(tellValue('/odd', Buffer.from(value)).hidden, false);
  const told = tellValue('/odd', Buffer.from(JSON.stringify(JSON_SECRET)));
  t.match(
    fieldsOfTold(told).map(({ path, text }) => `${path}: ${text}`),
    ['apiVersion: "v1"', 'kind: "Secret"', 'metadata.name: "db"', 'data.token: (hidden, 24 bytes)'],
  );
});

t.test('no changed length moves the data of a Secret to where names and labels are shown', async (t) => {
  for (let at = PROTOBUF.indexOf('Secret') + 'Secret'.length; at < PROTOBUF.length; at++) {
    for (let more = 1; more < 64; more++) {
      const damaged = Buffer.from(PROTOBUF);
      damaged[at]! += more;
      const told = allTold('/odd', damaged, PROTOBUF);
      if (holdsWord(told)) t.fail(`byte ${at} + ${more}: ${told}`);
    }
  }
});

t.test('under the key of a Secret, what is no object is hidden with its names', async (t) => {
  const key = '/registry/secrets/shop/db';
  for (const value of [`{"${WORD}":1}`, `["${WORD}"]`, WORD, message(field(1, WORD), field(2, '\0'))]) {
    const told = allTold(key, Buffer.from(value as string), PROTOBUF);
    t.notOk(holdsWord(told), told);
    t.strictSame(decodingTeller({}).fields(key, Buffer.from(value as string)), [], 'the line says all');
  }
});

t.test('CBOR and JSON that are nested too deeply are damaged, whatever the stack would take', async (t) => {
  for (const depth of [401, 2000, 5000, 100_000]) {
    const value = Buffer.concat([Buffer.from([0xd9, 0xd9, 0xf7]), Buffer.alloc(depth, 0x81), Buffer.from([0])]);
    t.match(allTold('/odd', value, PROTOBUF), /^damaged cbor, it is no CBOR/);
  }
  const json = Buffer.from(`{"kind":"A","apiVersion":"v1","a":${'['.repeat(401)}${']'.repeat(401)}}`);
  t.match(allTold('/odd', json, PROTOBUF), /^damaged json, it is cut short or nested too deeply/);
  const twice = Buffer.from('d9d9f7a2616101616102', 'hex');
  t.match(tellValue('/odd', twice).value, { form: 'damaged', problem: /repeat map key/ }, 'no entry is lost silently');
});
