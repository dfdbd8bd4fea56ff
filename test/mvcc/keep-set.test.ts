import t from 'tap';
import { KeyNumbers } from '../../src/adt/key-numbers.js';
import { KeepSet, type TombstoneAtRev } from '../../src/mvcc/keep-set.js';

/** Parses a record that is written as `key main_sub`, with `!` behind a tombstone. */
function parse(text: string) {
  const [, key = '', main, sub = 0, mark] = /^(\w) (\d+)(?:_(\d+))?(!)?$/.exec(text)!;
  return { key, main: Number(main), sub: Number(sub), tombstone: mark === '!' };
}

/** Returns the records that a compaction at 6 keeps. */
function keptOf(records: readonly string[], tombstoneAtRev: TombstoneAtRev) {
  const keep = new KeepSet(6, tombstoneAtRev);
  for (const record of records.map(parse)) keep.observe(record.key, record);
  return { held: records.filter((text) => keep.holds(parse(text).key, parse(text))), isEmpty: keep.isEmpty };
}

t.test('what outlives a compaction at 6, and what hashKV at 6 counts', async (t) => {
  const table: [name: string, records: string[], kept: string[], uncounted: string[], dropped: string[]][] = [
    ['nothing', [], [], [], []],
    ['the newest put', ['a 2', 'a 3'], ['a 3'], ['a 3'], ['a 3']],
    ['a put at the revision', ['a 2', 'a 6'], ['a 6'], ['a 6'], ['a 6']],
    ['a generation that has ended', ['a 2', 'a 4!'], [], [], []],
    ['a new generation', ['a 2', 'a 4!', 'a 5'], ['a 5'], ['a 5'], ['a 5']],
    ['a tombstone at the revision', ['a 2', 'a 6!'], ['a 6!'], [], []],
    ['put, then deleted, at the revision', ['a 6_0', 'a 6_1!'], ['a 6_1!'], [], []],
    ['deleted, then put, at it: the put is not looked at', ['a 2', 'a 6_0!', 'a 6_1'], ['a 6_0!'], [], ['a 6_1']],
    ['deleted, then put, before it', ['a 2', 'a 5_0!', 'a 5_1'], ['a 5_1'], ['a 5_1'], ['a 5_1']],
    ['put twice at the revision', ['a 6_0', 'a 6_1'], ['a 6_1'], ['a 6_1'], ['a 6_1']],
    ['a tombstone alone, before', ['a 5!'], [], [], []],
    ['a tombstone alone, at it', ['a 6!'], ['a 6!'], [], []],
    ['keys apart', ['a 2', 'b 3', 'a 4!', 'c 6_0!', 'b 6_1'], ['c 6_0!', 'b 6_1'], ['b 6_1'], ['b 6_1']],
  ];
  for (const [name, records, ...uses] of table) {
    for (const [i, use] of (['kept', 'uncounted', 'dropped'] as const).entries()) {
      const { held, isEmpty } = keptOf(records, use);
      t.same(held, uses[i], `${name}: ${use}`);
      t.equal(isEmpty, held.length === 0, `${name}: ${use}: empty`);
    }
  }
});

t.test('releases that forget a tombstone that is the first record of its key', async (t) => {
  const table: [records: string[], kept: string[]][] = [
    [['a 6!'], []],
    [['a 2', 'a 6!'], ['a 6!']],
    [['a 4!', 'a 6!'], ['a 6!']],
    [['a 6_0!', 'a 6_1'], ['a 6_1']],
    [['b 2', 'a 6!'], ['b 2']],
  ];
  for (const [records, kept] of table) t.same(keptOf(records, 'keptUnlessFirst').held, kept, records.join(', '));
});

t.test('where the choice for a key ended early', async (t) => {
  const keep = new KeepSet(6, 'kept');
  // Compaction at 6 once left 'd 4_3' in the index: only the positions 3 and 0 were compared, not the revisions.
  for (const text of ['d 4_3', 'd 6_0!', 'a 6_0', 'a 6_1!', 'a 6_2', 'b 5!', 'b 6_3', 'c 6_4!'])
    keep.observe(parse(text).key, parse(text));
  const table: [text: string, ended: boolean][] = [
    ['a 6_0', false],
    ['a 6_1!', false],
    ['a 6_2', true],
    ['b 6_3', false],
    ['c 6_4!', false],
    ['d 4_3', false],
    ['e 6_5', false],
  ];
  for (const [text, ended] of table) t.equal(keep.endedBefore(parse(text).key, parse(text)), ended, text);
});

t.test('keys may have numbers already', async (t) => {
  const numbers = new KeyNumbers();
  for (let i = 0; i < 20_000; i++) numbers.add(`k${i}`);
  const keep = new KeepSet(6, 'uncounted', numbers);
  t.ok(keep.isEmpty);
  keep.observe('k19999', { main: 5, sub: 70_000, tombstone: false });
  t.ok(keep.holds('k19999', { main: 5, sub: 70_000 }));
  t.notOk(keep.holds('k0', { main: 5, sub: 70_000 }));
  t.notOk(keep.holds('unknown', { main: 0, sub: 0 }));
  keep.observe('k19999', { main: 6, sub: 1, tombstone: true });
  t.ok(keep.isEmpty);
});
