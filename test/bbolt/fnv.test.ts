import t from 'tap';
import { fnv64a } from '../../src/bbolt/fnv.js';

t.test('published FNV-1a test vectors', async (t) => {
  const vectors = [
    ['', 0xcbf29ce484222325n],
    ['a', 0xaf63dc4c8601ec8cn],
    ['b', 0xaf63df4c8601f1a5n],
    ['foo', 0xdcb27518fed9d577n],
    ['foobar', 0x85944171f73967e8n],
  ] as const;
  for (const [text, hash] of vectors) t.equal(fnv64a(Buffer.from(text)), hash, JSON.stringify(text));
});
