import t from 'tap';
import { changesBetween } from '../../src/kube/changes.js';
import { leafText } from '../../src/kube/fields.js';
import { type FieldType, INLINE, type MessageType, OBJECT_META, OBJECT_TYPES } from '../../src/kube/message-types.js';
import { fieldsOfTold, tellValue } from '../../src/kube/told-value.js';
import type { Tree } from '../../src/kube/tree.js';
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

/** The kinds that are known by name in full, or have their names in them; the others are known in part. */
const WHOLE_KINDS = ['Secret', 'ConfigMap', 'Lease', 'Widget'];

/** Returns the content of a value without the fields that nobody has set, which Kubernetes leaves out of most JSON. */
function withoutDefaults(content: unknown, tree: Tree): unknown {
  const part = (name: string | number) => (content as Record<string | number, unknown>)[name];
  if (tree.is === 'list') return tree.items.map((item, i) => withoutDefaults(part(i), item));
  if (tree.is !== 'map') return content;
  const set = tree.entries.filter(([, child]) => child.isDefault !== true);
  return Object.fromEntries(set.map(([name, child]) => [name, withoutDefaults(part(name), child)]));
}

/** Returns JSON without the entries that are empty, and without those that have nothing else in them. */
function withoutEmpty(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(withoutEmpty);
  if (json === null || typeof json !== 'object') return json;
  const entries = Object.entries(json).map(([name, part]) => [name, withoutEmpty(part)] as const);
  return Object.fromEntries(entries.filter(([, part]) => !isEmpty(part)));
}

const isEmpty = (json: unknown): boolean =>
  ['', 0, false, null, undefined].includes(json as string) ||
  (typeof json === 'object' && Object.keys(json as object).length === 0);

t.test('what is known by name equals the JSON of Kubernetes', async (t) => {
  const teller = decodingTeller({ showSecrets: true });
  const kinds = new Set<string>();
  for (const object of objects) {
    if (object.object === undefined || object.encoding === 'encrypted') continue;
    const bytes = valueBytes(object);
    const { decoded } = JSON.parse(toJson(teller.json(object.key, bytes)));
    const { apiVersion, kind, ...body } = object.object as unknown as Record<string, unknown>;
    const { tree } = tellValue(object.key, bytes, { showSecrets: true });
    const content = withoutDefaults(decoded.content, tree) as Record<string, unknown>;
    delete content.apiVersion;
    delete content.kind;
    if (WHOLE_KINDS.includes(object.kind)) t.strictSame(content, body, object.key);
    else {
      t.strictSame(content.metadata, body.metadata, object.key);
      t.strictSame(withoutEmpty(content), withoutEmpty(body), object.key);
    }
    t.strictSame({ apiVersion, kind }, { apiVersion: decoded.apiVersion, kind: decoded.kind });
    if (object.encoding === 'protobuf') kinds.add(`${apiVersion} ${kind}`);
  }
  t.strictSame([...kinds].sort(), Object.keys(OBJECT_TYPES).sort(), 'each known kind was compared');
});

/** Collects the JSON of each message of a type; the same message may stand in several kinds. */
function collect(type: MessageType, samples: readonly unknown[], all: Map<MessageType, unknown[]>): void {
  if (type === OBJECT_META) return;
  all.set(type, [...(all.get(type) ?? []), ...samples]);
  for (const field of Object.values(type as Record<string, FieldType>)) {
    if (typeof field.type === 'object') collect(field.type, partsOf(field, samples), all);
  }
}

const partsOf = ({ name }: FieldType, samples: readonly unknown[]): unknown[] => {
  const found = name === INLINE ? samples : samples.map((sample) => (sample as Record<string, unknown>)[name]);
  return found.flat().filter((part) => part !== undefined && part !== null);
};

t.test('each name of a kind that is known in part is proved by an object', async (t) => {
  const all = new Map<MessageType, unknown[]>();
  for (const [named, type] of Object.entries(OBJECT_TYPES)) {
    const [apiVersion, kind] = named.split(' ');
    if (WHOLE_KINDS.includes(kind!)) continue;
    const those = objects.filter((object) => object.kind === kind && object.apiVersion === apiVersion);
    collect(
      type,
      those.map(({ object }) => object),
      all,
    );
  }
  for (const [type, samples] of all) {
    for (const field of Object.values(type as Record<string, FieldType>)) {
      const parts = partsOf(field, samples);
      t.ok(typeof field.type === 'object' ? parts.length > 0 : parts.some((part) => !isEmpty(part)), field.name);
    }
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

t.test('a message of no known type is guessed at up to a size', async (t) => {
  t.match(recogniseValue(Buffer.alloc(1024, 8)), { form: 'document', encoding: 'protobuf' });
  t.strictSame(recogniseValue(Buffer.alloc(300_000, 8)), { form: 'bytes' });
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
  const env = (...names: string[]) => JSON.stringify({ env: names.map((name) => ({ name, value: 1 })) });
  t.strictSame(changes(env('a', 'b', 'c'), env('b', 'a', 'd')), [
    { path: 'env[c].name', before: '"c"', after: undefined },
    { path: 'env[c].value', before: '1', after: undefined },
    { path: 'env', before: '[a] [b]', after: '[b] [a]' },
    { path: 'env[d].name', before: undefined, after: '"d"' },
    { path: 'env[d].value', before: undefined, after: '1' },
  ]);
  t.strictSame(changes('{"a":9007199254740993}', '{"a":9007199254740992}')?.length, 1, 'numbers beyond 2^53 differ');
  t.strictSame(changes('{"a":1}', '{ "a": 1 }'), [], 'only the encoding differs');
  t.strictSame(changes('[{"name":"a b"}]', '{"a b":{"name":"a b"}}')?.length, 2, 'a list is no map');
  t.equal(changes('{"a":1}', 'a'), undefined, 'text has no fields');
  const secret = (data: string) => `{"kind":"Secret","apiVersion":"v1","metadata":{"name":"s"},"data":{"p":"${data}"}}`;
  t.strictSame(changes(secret('aaaa'), secret('bbbb')), [
    { path: 'data.p', before: '(hidden, 4 bytes)', after: '(hidden, 4 bytes, changed)' },
  ]);
});

const textsOf = (value: Buffer | string): string[] =>
  fieldsOfTold(tellValue('k', Buffer.from(value as string))).map(({ path, text }) => `${path}: ${text}`);

t.test('fields of protobuf that nobody has set are left out, unless they are what has changed', async (t) => {
  const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
  const [full, other] = [hex('0800 1200 1a04 08011000 2205 0000000000 2200 2a00'), hex('0801 1200')];
  t.strictSame(textsOf(full), ['3.1: 1', '4[0]: 0x0000000000', '4[1]: ""'], 'what is there twice was set');
  t.strictSame(textsOf(hex('0800 1200')), ['1: 0', '2: ""'], 'nothing else is there');
  const changes = (before: Buffer, after: Buffer) => changesBetween(tellValue('k', before), tellValue('k', after));
  t.strictSame(changes(hex('0800 1200'), other), [{ path: '1', before: '0', after: '1' }]);
  t.strictSame(changes(hex('0801'), other), [{ path: '2', before: undefined, after: '""' }], 'it may have been set');
  t.strictSame(changes(hex('0801'), hex('0801 1a04 08011000')), [{ path: '3.1', before: undefined, after: '1' }]);
  t.match(textsOf('{"kind":"A","apiVersion":"v1","spec":{"a":"","b":0}}'), [
    'kind: "A"',
    /v1/,
    'spec.a: ""',
    'spec.b: 0',
  ]);
  const pod = objects.find(({ kind, rev }) => kind === 'Pod' && rev > 100)!;
  t.notMatch(textsOf(valueBytes(pod)).join('\n'), /: (?:""|0|null)$/m);
});

t.test('an entry of managedFields is one line, and what changed in it is told', async (t) => {
  const object = (...managedFields: object[]) =>
    JSON.stringify({ kind: 'A', apiVersion: 'v1', metadata: { managedFields } });
  const entry = (seconds: number, owned: object, rest: object = {}) => ({
    manager: 'kubelet',
    operation: 'Update',
    apiVersion: 'v1',
    time: `2026-11-28T04:58:0${seconds}Z`,
    fieldsType: 'FieldsV1',
    fieldsV1: owned,
    ...rest,
  });
  const path = 'metadata.managedFields[kubelet Update v1]';
  const told = (...entries: object[]) => textsOf(object(...entries)).slice(2);
  const status = (...names: string[]) => ({ 'f:status': Object.fromEntries(names.map((name) => [`f:${name}`, {}])) });
  const labels = { 'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } }, 'f:spec': { 'k:{"name":"\u202e"}': {} } };
  const many = status(...Array.from({ length: 40 }, (_, i) => `name${i}`));
  t.strictSame(told(entry(1, status('phase', 'podIP'))), [`${path}: 2026-11-28T04:58:01Z, status(phase podIP)`]);
  t.strictSame(told(entry(1, labels)), [
    `${path}: 2026-11-28T04:58:01Z, metadata.labels(. app) spec.{\\"name\\":\\"\\u202e\\"}`,
  ]);
  t.match(told(entry(1, many)), [/status\(name0 name1 .* name\d+\) and 2\d more$/]);
  t.strictSame(told(entry(1, {})), [`${path}: 2026-11-28T04:58:01Z`]);
  const main = entry(1, {});
  t.strictSame(told(main, entry(2, {}, { subresource: 'status' })), [
    `${path}: 2026-11-28T04:58:01Z`,
    'metadata.managedFields[kubelet Update status v1]: 2026-11-28T04:58:02Z',
  ]);
  const unusual = [{ other: 1 }, { fieldsV1: { 'f:a': 1 } }, { fieldsType: 'X' }, { time: 'now' }, { operation: {} }];
  for (const rest of unusual)
    t.match(told(entry(1, {}, rest)).length, /[67]/, `${JSON.stringify(rest)} is told in full`);
  t.equal(told(main, main).length, 12, 'nothing but the entry says who the manager is');

  const change = (before: object, after: object) => {
    const [a, b] = [before, after].map((one) => tellValue('k', Buffer.from(object(one))));
    return changesBetween(a, b);
  };
  const times = { before: '2026-11-28T04:58:01Z', after: '2026-11-28T04:58:02Z' };
  t.strictSame(change(entry(1, many), entry(1, many)), []);
  t.strictSame(change(entry(1, many), entry(2, many)), [{ path, ...times }]);
  t.strictSame(change(entry(1, status('a', 'b')), entry(2, { ...status('b', 'c'), 'f:spec': {} })), [
    { path, before: `${times.before}, lost status.a`, after: `${times.after}, gained status.c spec` },
  ]);
  t.strictSame(change(entry(1, {}), entry(1, {}, { fieldsType: undefined })), [
    { path, before: times.before, after: `${times.before}, changed` },
  ]);
});

/** Values, and the same ones with a few bytes changed, or cut short. */
function damagedValues(): fc.Arbitrary<readonly [seed: Buffer, damaged: Buffer]> {
  const seeds = objects.filter(({ encoding }, i) => encoding !== 'protobuf' || i % 40 === 0).map(valueBytes);
  const damage = fc.tuple(
    fc.constantFrom(...seeds),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
    fc.nat(),
  );
  return damage.map(([seed, changes, cut]) => {
    const bytes = Buffer.from(seed);
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
    return [seed, cut % 3 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes];
  });
}

/** Returns all that a tree says, in an order of its own; the order of managedFields says nothing. */
function statements(tree: Tree, path = ''): string[] {
  const seen = new Map<string, number>();
  const below = (name: string, child: Tree) => {
    seen.set(name, (seen.get(name) ?? 0) + 1);
    return statements(child, `${path}/${name}#${seen.get(name)}`);
  };
  if (tree.is === 'map' && tree.entries.length > 0)
    return tree.entries.flatMap(([name, child]) => below(name, child)).sort();
  if (tree.is === 'list' && tree.items.length > 0) {
    const isSet = path === '/metadata#1/managedFields#1';
    return tree.items.flatMap((item, i) => (isSet ? [statements(item).join()] : below(String(i), item))).sort();
  }
  return [`${path}: ${leafText(tree)}`];
}

t.test('there is a change wherever two values say something else, and only there', async (t) => {
  const versions = objects.filter(({ key }) => /pods|deployments|events/.test(key)).map(valueBytes);
  const pairs = fc.oneof(damagedValues(), fc.tuple(fc.constantFrom(...versions), fc.constantFrom(...versions)));
  fc.assert(
    fc.property(pairs, (pair) => {
      const [a, b] = pair.map((bytes) => tellValue('k', bytes, { showSecrets: true }));
      const changes = changesBetween(a, b);
      if (changes === undefined) return;
      t.equal(changes.length === 0, statements(a!.tree).join() === statements(b!.tree).join());
      for (const { before, after } of changes) t.not(before, after);
    }),
    { numRuns: draws(100, 3000) },
  );
});

t.test('no bytes make it throw, and every field has its own path', async (t) => {
  const mutated = damagedValues().map(([, bytes]) => bytes);
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
