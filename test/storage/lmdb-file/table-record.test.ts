import t from 'tap';
import {
  NO_PAGE,
  readTableRecord,
  TABLE_RECORD_BYTES,
  wrongInRecord,
} from '../../../src/storage/lmdb-file/table-record.js';

const ROOT_AT = 40;
const EMPTY = Buffer.alloc(TABLE_RECORD_BYTES).fill(0xff, ROOT_AT);

// A wrong low bit was once lost when the number was read, and LMDB then looked for a page 2^64 - 65.
t.test('the root of an empty table has all bits', async (t) => {
  t.equal(readTableRecord(EMPTY, 0).root, NO_PAGE);
  t.equal(wrongInRecord(readTableRecord(EMPTY, 0), 50), undefined);
  for (let bit = 0; bit < 64; bit++) {
    const bytes = Buffer.from(EMPTY);
    bytes[ROOT_AT + (bit >> 3)]! ^= 1 << (bit & 7);
    t.match(wrongInRecord(readTableRecord(bytes, 0), 50), /^a tree has its root in page /, `bit ${bit}`);
  }
});
