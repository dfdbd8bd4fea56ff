import assert from 'node:assert/strict';
import t from 'tap';
import { crc32c } from '../../src/bytes/crc32c.js';
import fc from '../support/fast-check.js';
import { slowCrc32c } from '../support/slow-crc32c.js';

t.test('known checksums', async (t) => {
  const ascending = Buffer.from(Array.from({ length: 32 }, (_, i) => i));
  const table: [name: string, bytes: Buffer, checksum: string][] = [
    ['nothing', Buffer.alloc(0), '00000000'],
    ['a', Buffer.from('a'), 'c1d04330'],
    ['abc', Buffer.from('abc'), '364b3fb7'],
    ['check value of the catalogue of CRCs', Buffer.from('123456789'), 'e3069283'],
    ['32 zeros, RFC 3720', Buffer.alloc(32), '8a9136aa'],
    ['32 ones, RFC 3720', Buffer.alloc(32, 0xff), '62a8ab43'],
    ['ascending, RFC 3720', ascending, '46dd794e'],
    ['descending, RFC 3720', Buffer.from(ascending).reverse(), '113fdb5c'],
  ];
  for (const [name, bytes, checksum] of table) {
    t.equal(crc32c(bytes).toString(16).padStart(8, '0'), checksum, name);
  }
});

t.test('property: as the slow one, at once or in two parts', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat(70), fc.nat(0xffff_ffff), (bytes, at, checksum) => {
      const wanted = slowCrc32c(bytes, checksum);
      assert.equal(crc32c(bytes, checksum), wanted);
      assert.equal(crc32c(bytes.subarray(at), crc32c(bytes.subarray(0, at), checksum)), wanted);
    }),
  );
  t.pass();
});
