import t from 'tap';
import { ProtoWriter } from '../../../src/mvcc/protobuf.js';
import { toJson } from '../../../src/output/formats/json.js';
import { valueTeller } from '../../../src/output/kube/choose-teller.js';
import { draws, random, SEED } from '../../support/random.js';

type Part = string | Buffer | readonly Part[];

/** Returns a message; a list in it is a message too, and an item that is undefined a field that is not there. */
function message(...parts: readonly (Part | undefined)[]): Buffer {
  const writer = new ProtoWriter(4096);
  for (const [i, part] of parts.entries()) {
    if (part === undefined) continue;
    if (typeof part === 'string') writer.latin1(i + 1, part);
    else writer.bytes(i + 1, Buffer.isBuffer(part) ? part : message(...(part as readonly Part[])));
  }
  return Buffer.from(writer.finish());
}

function object(apiVersion: string, kind: string, ...body: readonly (Part | undefined)[]): Buffer {
  return Buffer.concat([Buffer.from('k8s\0'), message([apiVersion, kind], message(...body))]);
}

const none = (count: number): undefined[] => Array.from({ length: count });

const WORD = 'hunter2-of-the-day';
const MANIFEST = `{"apiVersion":"v1","kind":"Secret","data":{"password":"${WORD}"}}`;
const META = message('db', ...none(1), 'shop', ...none(8), [
  'kubectl.kubernetes.io/last-applied-configuration',
  MANIFEST,
]);
const SECRET = object('v1', 'Secret', META, ['password', WORD], 'Opaque');
const KEY = '/registry/secrets/shop/db';

const SECRETS: readonly (readonly [what: string, key: string, value: Buffer | string, fields: RegExp])[] = [
  ['protobuf', KEY, SECRET, /^data.password: \(hidden, 18 bytes\)$/m],
  ['annotations of it', KEY, SECRET, /^metadata.annotations\[kubectl.*\]: \(hidden, \d+ bytes\)$/m],
  ['protobuf under another key', '/other', SECRET, /^type: "Opaque"$/m],
  ['of an unknown version', '/other', object('v9', 'Secret', META, ['password', WORD]), /^2\.?.*: \(hidden/m],
  [
    'JSON',
    KEY,
    `{"kind":"Secret","apiVersion":"v1","metadata":{},"stringData":{"a":"${WORD}"}}`,
    /^stringData.a: \(hidden/m,
  ],
  [
    'in another object',
    '/x',
    `{"kind":"W","apiVersion":"v1","spec":{"m":[${MANIFEST}]}}`,
    /^spec.m\[0\].data.password: \(hidden/m,
  ],
  [
    'as text in another object',
    '/x',
    object('v1', 'ConfigMap', ['c'], ['a.yaml', `kind: Secret\ndata: ${WORD}`]),
    /^data\[a.yaml\]: \(hidden/m,
  ],
  ['as escaped text', '/x', JSON.stringify({ a: JSON.stringify(MANIFEST) }), /^a: \(hidden/m],
  ['cut short', '/other', SECRET.subarray(0, -4), /^$/],
  ['with one bit changed', '/other', Buffer.concat([Buffer.from('k9s\0'), SECRET.subarray(4)]), /^$/],
  ['without its magic', '/other', SECRET.subarray(4), /^$/],
  ['of other bytes, under its key', KEY, WORD, /^$/],
  ['JSON cut short', '/x', MANIFEST.slice(0, -1), /^$/],
];

t.test('no byte of a Secret is told, unless that is asked for', async (t) => {
  const teller = await valueTeller({ decode: 'auto' });
  const open = await valueTeller({ decode: 'auto', showSecrets: true });
  for (const [what, key, given, expected] of SECRETS) {
    const value = typeof given === 'string' ? Buffer.from(given) : given;
    const fields = teller.fields(key, value).join('\n');
    t.match(fields, expected, what);
    const json = toJson(teller.json(key, value));
    t.equal(JSON.parse(json).decoded.hidden, true, what);
    const told = [teller.line(key, value), fields, json].join('\n');
    t.notMatch(told, WORD, what);
    t.notMatch(told, Buffer.from(WORD).toString('hex'), what);
    for (const [, base64] of json.matchAll(/"([A-Za-z0-9+/=]{8,})"/g))
      t.notMatch(Buffer.from(base64!, 'base64').toString(), WORD, what);
    const shown = JSON.parse(toJson(open.json(key, value)));
    t.equal(shown.decoded.hidden, undefined, what);
    t.equal(shown.value, value.toString('base64'), what);
  }
  const reference = '{"kind":"E","apiVersion":"v1","involvedObject":{"kind":"Secret","name":"db"}}';
  t.notOk('hidden' in (teller.json('/x', Buffer.from(reference)).decoded ?? {}), 'the name of a Secret is no secret');
});

t.test('a Secret of which a byte was changed is hidden as well', async (t) => {
  const teller = await valueTeller({ decode: 'auto' });
  const whole = new RegExp(`${WORD}|${Buffer.from(WORD).toString('base64').slice(0, -2)}`);
  const below = random(SEED);
  for (let run = draws(400, 20_000); run > 0; run--) {
    const value = Buffer.from(SECRET);
    const [at, byte] = [below(value.length), 1 << below(8)];
    value[at]! ^= byte;
    const told = [teller.line(KEY, value), ...teller.fields(KEY, value), toJson(teller.json(KEY, value))].join('\n');
    if (whole.test(told)) t.fail(`byte ${at} XOR ${byte}`);
  }
});

t.test('a line says what a value is', async (t) => {
  const teller = await valueTeller({ decode: 'auto' });
  const managers = (subresource: string, seconds: string) =>
    message('kubelet', 'Update', 'v1', Buffer.from(seconds, 'hex'), undefined, 'FieldsV1', undefined, subresource);
  const meta = Buffer.concat([
    message('web', undefined, 'shop', undefined, 'u-1', ...none(5), ['app', 'web\n'], undefined, undefined),
    ...[managers('status', '08c3bda9d806'), managers('', '08c2bda9d806')].map((entry) =>
      Buffer.concat([Buffer.from([0x8a, 0x01, entry.length]), entry]),
    ),
  ]);
  const table: [value: Buffer | string, line: string, maxBytes?: number][] = [
    [
      object('v1', 'Pod', meta),
      'v1 Pod shop/web, uid u-1, labels app=web\\n, last written by kubelet (Update of status) at 2026-11-28T04:55:31Z',
    ],
    [object('v1', 'Endpoints', []), 'v1 Endpoints'],
    ['k8s:enc:aesgcm:v1:key2:abc', 'encrypted by aesgcm v1 with the key named key2, 26 bytes'],
    ['blue\n', 'blue\\n'],
    ['blue and green', 'blue… (14 bytes)', 4],
    ['{"a":1}', '{"a":1}'],
    ['\xd9\xd9\xf7\x01', 'CBOR, 4 bytes'],
    ['\x08\x01', 'reads as protobuf, 2 bytes'],
    [
      '\xd9\xd9\xf7\x82',
      'damaged cbor, it is no CBOR: found array but not enough entries (got 0, expected 2): \\xd9\\xd9\\xf7\\x82',
    ],
  ];
  for (const [given, line, maxBytes] of table) {
    const value = typeof given === 'string' ? Buffer.from(given, 'latin1') : given;
    t.equal(teller.line('/x', value, maxBytes), line);
  }
});

t.test('values can be told as they are', async (t) => {
  const value = SECRET.subarray(0, 5);
  const raw = await valueTeller({ decode: 'raw' });
  const hex = await valueTeller({ decode: 'hex' });
  t.equal(raw.line(KEY, value), 'k8s\\x00\\n');
  t.equal(hex.line(KEY, value, 2), '\\x6b\\x38… (5 bytes)');
  t.strictSame([raw.json(KEY, value), raw.fields(KEY, value)], [{ value }, []]);
});
