import t from 'tap';
import { BoltFile } from '../../src/bbolt/bolt-file.js';
import { leafPage, MemorySource, type MetaFields, metaPage } from './make-file.js';

/** Returns what is said of a file with these metas; a damaged one has so many wrong bytes. */
function remarkOn(meta0: MetaFields, meta1: MetaFields, [wrong0, wrong1] = [0, 0]): string {
  const file = Buffer.concat([
    metaPage(1024, 0, { highWaterMark: 4, ...meta0 }),
    metaPage(1024, 1, { highWaterMark: 4, ...meta1 }),
    leafPage(1024, 2, []),
    leafPage(1024, 3, []),
  ]);
  for (let i = 0; i < wrong0; i++) file[16 + 24 + i]! ^= 1;
  for (let i = 0; i < wrong1; i++) file[1024 + 16 + 24 + i]! ^= 1;
  const { metaRemark } = new BoltFile(new MemorySource(file));
  return metaRemark === undefined
    ? ''
    : `${metaRemark.mayBeOlder ? 'may be older' : 'all is there'}: ${metaRemark.text}`;
}

t.test('two valid metas', async (t) => {
  const good: [MetaFields, MetaFields, why: string][] = [
    [{ txid: 8 }, { txid: 9, root: 3 }, 'commit after commit'],
    [{ txid: 10, root: 3 }, { txid: 9 }, 'commit after commit'],
    [{ txid: 10 }, { txid: 9 }, 'a snapshot of an even txid'],
    [{ txid: 9 }, { txid: 8 }, 'a snapshot of an odd txid'],
    [{ txid: 10, root: 3 }, { txid: 8 }, 'its first commit'],
    [{ txid: 9 }, { txid: 9 }, 'the newer meta was reverted'],
    [{ txid: 0 }, { txid: 1 }, 'a new file'],
  ];
  for (const [meta0, meta1, why] of good) t.equal(remarkOn(meta0, meta1), '', why);

  const bad: [MetaFields, MetaFields][] = [
    [{ txid: 8 }, { txid: 13 }],
    [{ txid: 9, root: 3 }, { txid: 8 }],
    [{ txid: 9, root: 3 }, { txid: 9 }],
    [{ txid: 8 }, { txid: 10 }],
    [{ txid: 11 }, { txid: 9 }],
    [{ txid: 7 }, { txid: 8, highWaterMark: 3 }],
  ];
  for (const [meta0, meta1] of bad) {
    t.match(remarkOn(meta0, meta1), /^may be older: meta 0 has txid \d+ and meta 1 has txid \d+, which bbolt does not/);
  }
});

t.test('one is damaged', async (t) => {
  const table: [meta0: MetaFields, meta1: MetaFields, wrong: [number, number], remark: RegExp][] = [
    [
      { txid: 8 },
      { txid: 9 },
      [0, 1],
      /^may be older: meta 1 is damaged, and it was the newer .* txid 9\..* meta 0, of txid 8/,
    ],
    [
      { txid: 10 },
      { txid: 9 },
      [1, 0],
      /^may be older: meta 0 is damaged, and it was the newer .* txid 10\..* meta 1, of/,
    ],
    [
      { txid: 10 },
      { txid: 9 },
      [0, 1],
      /^all is there: meta 1 is damaged, but nothing newer than meta 0, of txid 10, is/,
    ],
    [{ txid: 8 }, { txid: 9 }, [1, 0], /^all is there: meta 0 is damaged/],
    [{ txid: 9 }, { txid: 9 }, [1, 0], /^all is there: meta 0 is damaged/],
    // More than one byte is wrong, so nobody knows what the meta was.
    [
      { txid: 8 },
      { txid: 9 },
      [0, 2],
      /^may be older: meta 1 is damaged: its checksum .* if the damaged one was the newer/,
    ],
    [{ txid: 8 }, { txid: 7 }, [0, 2], /^may be older/],
    [{ txid: 8 }, { txid: 9 }, [2, 0], /^may be older/],
    // The next commit would have taken the place of meta 0.
    [{ txid: 9 }, { txid: 8 }, [0, 2], /^all is there: meta 1 is damaged, but nothing newer than meta 0, of txid 9/],
    [{ txid: 9 }, { txid: 8 }, [2, 0], /^may be older/],
  ];
  for (const [meta0, meta1, wrong, remark] of table) t.match(remarkOn(meta0, meta1, wrong), remark);
});
