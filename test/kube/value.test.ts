import t from 'tap';
import { changesBetween } from '../../src/kube/changes.js';
import { fieldsOfTold, tellValue } from '../../src/kube/told-value.js';
import { recogniseValue } from '../../src/kube/value.js';
import { toJson } from '../../src/output/formats/json.js';
import { decodingTeller } from '../../src/output/kube/decoding-teller.js';
import fc from '../support/fast-check.js';
import { type ExpectedObject, expectedObjects, kubeValues } from '../support/k8s-objects.js';
import { draws } from '../support/random.js';

const values = kubeValues();
const objects = expectedObjects();
const valueBytes = ({ rev, key }: ExpectedObject): Buffer => values.get(`${rev} ${key}`)!;

t.test('identity, labels and managers of every object are what the libraries of Kubernetes print', async (t) => {
  t.strictSame(
    objects.map(({ rev, key }) => `${rev} ${key}`),
    [...values.keys()],
    'the fixture has all of them',
  );
  for (const object of objects) {
    const { rev, key, encoding, apiVersion, kind, namespace, name, uid, managers } = object;
    const value = recogniseValue(valueBytes(object));
    const where = `${rev} ${key}`;
    if (value.form !== 'object') {
      t.equal(value.form, encoding === 'plain' ? 'text' : encoding, where);
      continue;
    }
    const { meta } = value;
    const found = { encoding: value.encoding, apiVersion: value.apiVersion, kind: value.kind };
    t.strictSame(
      { ...found, name: meta.name, namespace: meta.namespace, uid: meta.uid },
      { encoding, apiVersion, kind, name, namespace, uid },
      where,
    );
    t.strictSame(
      meta.managers.map(({ apiVersion: _, ...manager }) => manager),
      managers,
      where,
    );
    t.strictSame(Object.fromEntries(meta.labels), object.object?.metadata.labels ?? {}, where);
  }
  const encodings = objects.map(({ encoding }) => encoding);
  for (const encoding of ['protobuf', 'json', 'cbor', 'encrypted', 'plain'] as const)
    t.ok(encodings.includes(encoding));
});

/** The kinds whose bodies are known by name, or have their names in them. */
const NAMED_KINDS = ['Secret', 'ConfigMap', 'Lease', 'Widget'];

t.test('metadata, and bodies of known kinds, equal the JSON of Kubernetes', async (t) => {
  const teller = decodingTeller({ showSecrets: true });
  for (const object of objects) {
    if (object.object === undefined || object.encoding === 'encrypted') continue;
    const { decoded } = JSON.parse(toJson(teller.json(object.key, valueBytes(object))));
    const { apiVersion, kind, ...body } = object.object as unknown as Record<string, unknown>;
    const content = { ...decoded.content };
    delete content.apiVersion;
    delete content.kind;
    if (NAMED_KINDS.includes(object.kind)) t.strictSame(content, body, object.key);
    else t.strictSame(content.metadata, body.metadata, object.key);
    t.strictSame({ apiVersion, kind }, { apiVersion: decoded.apiVersion, kind: decoded.kind });
  }
});

const envelope = (hex: string): Buffer => Buffer.from(`6b387300${hex}`, 'hex');

t.test('what a value is', async (t) => {
  const table: [value: Buffer | string, expected: object][] = [
    ['', { form: 'text', text: '' }],
    ['grün\n', { form: 'text', text: 'grün\n' }],
    ['123', { form: 'text' }],
    ['{"a": [1, 2.50, null, "x\\u00e9"], "a": {}}', { form: 'document', encoding: 'json' }],
    ['{"a": 1', { form: 'text' }],
    ['{"kind": "Pod", "apiVersion": "v1"}', { form: 'object', kind: 'Pod', meta: { name: '', managers: [] } }],
    ['{"kind": 1, "apiVersion": "v1"}', { form: 'document' }],
    ['{"kind": "Pod", "apiVersion": "v1"', { form: 'damaged', encoding: 'json', problem: /cut short/ }],
    ['{"kind": "Pod\xff"}', { form: 'damaged', encoding: 'json', problem: /not UTF-8/ }],
    ['k8s:enc:kms:v2:my-kms:\x01\x02', { form: 'encrypted', provider: 'kms', version: 'v2', keyName: 'my-kms' }],
    ['k8s:enc:aescbc', { form: 'damaged', encoding: 'encrypted' }],
    ['\xd9\xd9\xf7\xa2', { form: 'damaged', encoding: 'cbor' }],
    ['\xd9\xd9\xf7\xa1\x41a\x01', { form: 'document', encoding: 'cbor' }],
    [envelope(''), { form: 'damaged', encoding: 'protobuf', problem: /no kind/ }],
    [envelope('0a0b0a0276311205'), { form: 'damaged', problem: /envelope is cut short/ }],
    [envelope('0a090a0276311203506f6412020a05'), { form: 'damaged', problem: /the v1 Pod is cut short/ }],
    [envelope('0a090a0276311203506f6412040a020801'), { form: 'damaged', problem: /metadata .*name is a number/ }],
    [envelope('0a090a0276311203506f6412001a04677a6970'), { form: 'damaged', problem: /encoding of its own/ }],
    ['\x08\x96\x01\x12\x03abc', { form: 'document', encoding: 'protobuf' }],
    ['\x00\xff', { form: 'bytes' }],
  ];
  for (const [value, expected] of table) {
    const bytes =
      typeof value === 'string' && value === 'grün\n' ? Buffer.from(value) : Buffer.from(value as string, 'latin1');
    t.match(recogniseValue(bytes), expected, JSON.stringify(value));
  }
});

t.test('fields have one path each, and text that says of what kind it is', async (t) => {
  const json = '{"a":[{"name":"x","b.c":1},{"name":"y"}],"n":12345678901234567890,"n":"1","e":{},"[":"\\u202e"}';
  t.strictSame(
    fieldsOfTold(tellValue('k', Buffer.from(json))).map(({ path, text }) => `${path}: ${text}`),
    [
      'a[x].name: "x"',
      'a[x][b.c]: 1',
      'a[y].name: "y"',
      'n: 12345678901234567890',
      'n#2: "1"',
      'e: {}',
      '["["]: "\\u202e"',
    ],
  );
  const proto = Buffer.from('0802120708ffffff7f18011a0178220161220162', 'hex');
  t.strictSame(
    fieldsOfTold(tellValue('k', proto)).map(({ path, text }) => `${path}: ${text}`),
    ['1: 2', '2.1: 268435455', '2.3: 1', '3: "x"', '4[0]: "a"', '4[1]: "b"'],
  );
});

t.test('changes are told by field, those of secrets without their values', async (t) => {
  const tell = (text: string) => tellValue('k', Buffer.from(text));
  const changes = (before: string, after: string) => changesBetween(tell(before), tell(after));
  t.strictSame(changes('{"a":1,"b":[1,2]}', '{"b":[1,3,4],"c":"x"}'), [
    { path: 'a', before: '1', after: undefined },
    { path: 'b[1]', before: '2', after: '3' },
    { path: 'b[2]', before: undefined, after: '4' },
    { path: 'c', before: undefined, after: '"x"' },
  ]);
  t.strictSame(changes('{"a":9007199254740993}', '{"a":9007199254740992}')?.length, 1, 'numbers beyond 2^53 differ');
  t.strictSame(changes('{"a":1}', '{ "a": 1 }'), [], 'only the encoding differs');
  t.equal(changes('{"a":1}', 'a'), undefined, 'text has no fields');
  const secret = (data: string) => `{"kind":"Secret","apiVersion":"v1","metadata":{"name":"s"},"data":{"p":"${data}"}}`;
  t.strictSame(changes(secret('aaaa'), secret('bbbb')), [
    { path: 'data.p', before: '(hidden, 4 bytes)', after: '(hidden, 4 bytes, changed)' },
  ]);
});

t.test('no bytes make it throw, and every field has its own path', async (t) => {
  const seeds = objects.filter(({ encoding }, i) => encoding !== 'protobuf' || i % 40 === 0).map(valueBytes);
  const damage = fc.tuple(
    fc.constantFrom(...seeds),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
    fc.nat(),
  );
  const mutated = damage.map(([seed, changes, cut]) => {
    const bytes = Buffer.from(seed);
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
    return cut % 3 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes;
  });
  const any = fc.oneof(
    mutated,
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  );
  fc.assert(
    fc.property(any, (bytes) => {
      const told = tellValue('k', bytes, { showSecrets: true });
      const paths = fieldsOfTold(told).map(({ path }) => path);
      t.equal(new Set(paths).size, paths.length);
      JSON.parse(toJson(decodingTeller({}).json('k', bytes)));
      decodingTeller({}).line('k', bytes);
    }),
    { numRuns: draws(100, 3000) },
  );
});
