import assert from 'node:assert/strict';
import t from 'tap';
import { crc32c } from '../../src/bytes/crc32c.js';
import { entriesInKeyOrder, isLongKey, slotOf } from '../../src/mvcc/key-slot.js';
import { MemoryTable } from '../../src/mvcc/memory-table.js';
import { awkwardKeys, COLLIDING_KEYS, rangeEnd } from '../support/arbitraries.js';
import fc from '../support/fast-check.js';
import { withChecksum } from '../support/slow-crc32c.js';

// LMDB takes keys up to 1,978 bytes, and an index region puts a revision key of 17 bytes behind the slot.
const MAX_SLOT_BYTES = 1978 - 17;

/** A region that keeps the full key of long keys in the value, as the index does. */
class Keys {
  readonly table = new MemoryTable();
  constructor(readonly region = 'R') {}

  slot(key: string): Buffer {
    return slotOf(this.table, this.region, key, fullKey);
  }

  add(key: string): void {
    this.table.put(this.slot(key), Buffer.from(isLongKey(key) ? `L${key}` : 'S', 'latin1'));
  }

  delete(key: string): void {
    this.table.delete(this.slot(key));
  }

  has(key: string): boolean {
    return this.table.get(this.slot(key)) !== undefined;
  }

  between(key: string, end: string): string[] {
    return [...entriesInKeyOrder(this.table, this.region, key, end, fullKey)].map((entry) => {
      assert.deepEqual(entry.key, this.slot(entry.userKey));
      return entry.userKey;
    });
  }
}

function fullKey(value: Buffer): string | undefined {
  return value[0] === 'L'.charCodeAt(0) ? value.toString('latin1', 1) : undefined;
}

t.test('slots of short keys', async (t) => {
  const table: [key: string, slot: string][] = [
    ['', 'R 0001'],
    ['abc', 'R 616263 0001'],
    ['\0', 'R 00ff 0001'],
    ['a\0\0b', 'R 61 00ff 00ff 62 0001'],
    ['\0\x01', 'R 00ff 01 0001'],
    ['\0\xff', 'R 00ff ff 0001'],
    ['\xff\xff', 'R ffff 0001'],
  ];
  for (const [key, slot] of table) {
    t.equal(new Keys().slot(key).toString('hex'), slot.replace('R', '52').replaceAll(' ', ''), JSON.stringify(key));
  }
});

t.test('slots of long keys', async (t) => {
  const long = 'k'.repeat(1901);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32c(Buffer.from(long)));
  t.equal(new Keys().slot(long).toString('hex'), `52${'6b'.repeat(1900)}02${checksum.toString('hex')}00`);

  const table: [key: string, isLong: boolean][] = [
    ['', false],
    ['k'.repeat(1900), false],
    ['k'.repeat(1901), true],
    ['\0'.repeat(950), false], // a zero byte takes two
    ['\0'.repeat(951), true],
    [`${'k'.repeat(1899)}\0`, true],
  ];
  for (const [key, isLong] of table) t.equal(isLongKey(key), isLong, `${key.length} bytes`);
});

t.test('long keys with one checksum stand side by side', async (t) => {
  t.equal(new Set(COLLIDING_KEYS.map((key) => crc32c(Buffer.from(key, 'latin1')))).size, 1, 'they do collide');
  const keys = new Keys();
  for (const key of COLLIDING_KEYS) keys.add(key);
  t.equal(keys.table.size(), COLLIDING_KEYS.length);
  t.same(
    COLLIDING_KEYS.map((key) => keys.slot(key).at(-1)),
    [0, 1, 2, 3],
  );

  const [first, second, third, fourth] = COLLIDING_KEYS as [string, string, string, string];
  keys.delete(second);
  t.equal(keys.has(second), false);
  t.equal(keys.slot(third).at(-1), 2, 'the others stay where they are');
  t.same(keys.between('', ''), [first, third, fourth]);
  t.same(keys.between(second, fourth), [third]);
  keys.add(second);
  t.equal(keys.slot(second).at(-1), 1, 'the first free place');
});

t.test('regions of one table do not see each other', async (t) => {
  const table = new MemoryTable();
  for (const [region, key] of [
    ['A', 'x'],
    ['B', 'y'],
    ['B', '\xff\xff'],
    ['C', ''],
  ] as const) {
    table.put(
      slotOf(table, region, key, () => undefined),
      Buffer.alloc(0),
    );
  }
  const keysOf = (region: string) =>
    [...entriesInKeyOrder(table, region, '', '', () => undefined)].map(({ userKey }) => userKey);
  t.same(keysOf('A'), ['x']);
  t.same(keysOf('B'), ['y', '\xff\xff']);
  t.same(keysOf('C'), ['']);
});

t.test('property: a table of slots is a sorted set of keys', async (t) => {
  const step = fc.record({ adds: fc.boolean(), key: awkwardKeys });
  const range = fc.record({ key: fc.oneof(awkwardKeys, fc.constant('')), end: rangeEnd(awkwardKeys) });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 25 }),
      fc.array(range, { minLength: 1, maxLength: 5 }),
      fc.constantFrom('R', 'R\xfe', '\0\0\0\0\0\0\0\x01k'),
      (steps, ranges, region) => {
        const keys = new Keys(region);
        const model = new Set<string>();
        for (const { adds, key } of steps) {
          if (adds) {
            keys.add(key);
            model.add(key);
          } else {
            keys.delete(key);
            model.delete(key);
          }
          assert.equal(keys.has(key), adds);
          assert(keys.slot(key).length - region.length < MAX_SLOT_BYTES, 'too long for LMDB');
        }
        assert.equal(keys.table.size(), model.size);
        const sorted = [...model].sort();
        assert.deepEqual(keys.between('', ''), sorted);
        for (const { key, end = '' } of ranges) {
          const wanted = sorted.filter((member) => member >= key && (end === '' || member < end));
          assert.deepEqual(keys.between(key, end), wanted, `from ${key.length} to ${end.length} bytes`);
        }
      },
    ),
    { numRuns: 150 },
  );
  t.pass();
});

t.test('more collisions than there are places', async (t) => {
  const keys = new Keys();
  const head = 'k'.repeat(1900);
  const colliding = (n: number) => withChecksum(`${head}${n}`, 7);
  for (let n = 0; n < 255; n++) keys.add(colliding(n));
  t.equal(keys.table.size(), 255);
  t.throws(() => keys.add(colliding(255)), { code: 'ERR_ASSERTION' });
  t.ok(keys.has(colliding(254)));
});
