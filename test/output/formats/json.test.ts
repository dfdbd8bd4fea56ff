import t from 'tap';
import { base64 } from '../../../src/bytes/byte-string.js';
import { toJson } from '../../../src/output/formats/json.js';

t.test('as etcd prints it', async (t) => {
  t.equal(toJson({ a: 1, b: undefined, c: null, d: [1, undefined, 'x'] }), '{"a":1,"c":null,"d":[1,null,"x"]}');
  t.equal(toJson({ id: 9514856499961949633n }), '{"id":9514856499961949633}', 'all digits of 64 bits');
  t.equal(toJson({ value: Buffer.from([0, 255]) }), '{"value":"AP8="}');
  t.equal(toJson({ 'a"b': 'c"\u0001ü' }), '{"a\\"b":"c\\"\\u0001ü"}');
  t.equal(toJson({ nested: { empty: {}, none: [] } }), '{"nested":{"empty":{},"none":[]}}');
});

t.test('base64 of bytes', async (t) => {
  t.equal(base64('\x00\xff'), 'AP8=');
  t.equal(base64(''), '');
});
