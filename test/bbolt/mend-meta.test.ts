import t from 'tap';
import { mendOneByte } from '../../src/bbolt/mend-meta.js';
import { metaPage } from './make-file.js';

const META = metaPage(1024, 0, { root: 7, highWaterMark: 300, txid: 2 ** 40 + 5 }).subarray(16, 80);

t.test('one wrong byte is found, wherever it is', async (t) => {
  for (let at = 0; at < META.length; at++) {
    for (const mask of [1, 0x80, 0xff]) {
      const damaged = Buffer.from(META);
      damaged[at]! ^= mask;
      const kept = Buffer.from(damaged);
      t.ok(mendOneByte(damaged)?.equals(META), `byte ${at} ^ ${mask}`);
      t.ok(damaged.equals(kept), 'the bytes that are given stay as they are');
    }
  }
});

t.test('nothing is made up', async (t) => {
  t.equal(mendOneByte(META), undefined, 'nothing is wrong');
  t.equal(mendOneByte(Buffer.alloc(64)), undefined, 'zeros');
  for (let at = 0; at < 55; at++) {
    const damaged = Buffer.from(META);
    damaged[at]! ^= 1;
    damaged[at + 1]! ^= 1;
    t.equal(mendOneByte(damaged), undefined, `bytes ${at} and ${at + 1}`);
  }
});
