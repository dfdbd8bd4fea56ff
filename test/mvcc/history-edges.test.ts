import t from 'tap';
import { checkEdges } from '../../src/mvcc/history-edges.js';
import { encodeKeyValue, encodeTombstone } from '../../src/mvcc/key-value.js';
import { MemoryTable } from '../../src/mvcc/memory-table.js';
import { encodeRevisionKey } from '../../src/mvcc/revision.js';

type Row = [main: number, sub?: number, what?: 'put' | 'delete' | 'empty' | 'of another revision'];

function tableOf(rows: readonly Row[]): MemoryTable {
  const table = new MemoryTable();
  for (const [main, sub = 0, what = 'put'] of rows) {
    const modRevision = what === 'put' ? main : main + 1;
    const put = { key: 'k', createRevision: 1, modRevision, version: 2, value: Buffer.alloc(0), lease: 0n };
    const value = { delete: encodeTombstone('k'), empty: Buffer.alloc(0) }[what as 'delete' | 'empty'];
    table.put(encodeRevisionKey({ main, sub }, what === 'delete'), value ?? encodeKeyValue(put));
  }
  return table;
}

function problemOf(rows: readonly Row[], compactRev: number, currentRev = rows.at(-1)?.[0] ?? 1): string {
  try {
    checkEdges(tableOf(rows), {
      compactRev,
      currentRev,
      scheduledCompactRev: undefined,
      finishedCompactRev: undefined,
    });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

t.test('the ends of a history', async (t) => {
  const table: [rows: Row[], compactRev: number, problem: RegExp, currentRev?: number][] = [
    [[], -1, /^$/],
    [[[2]], -1, /^$/],
    [[[2], [3], [3, 1], [4, 0, 'delete']], -1, /^$/],
    [[[7], [9], [11], [12], [12, 1], [13]], 10, /^$/],
    [[[7], [9]], 10, /^$/, 10],
    [[], 10, /^$/, 10],
    [[[2], [3], [1000, 0, 'empty']], -1, /^$/],
    [[[2], [3], [1000, 0, 'empty'], [1001]], -1, /^$/],

    [[[3], [4]], -1, /^revision 2_0 is missing: 3_0 is next$/],
    [[[7], [12], [13]], 10, /^revision 11_0 is missing: 12_0 is next$/],
    [[[7], [9]], 10, /^revision 11_0 is missing/, 12],
    [[[2], [3], [5, 0, 'delete']], -1, /^revision 4_0 is missing: 5_0 is next$/],
    [[[2], [3], [3, 2]], -1, /^revision 3_1 is missing: 3_2 is next$/],
    [[[2], [3, 0, 'of another revision']], -1, /^revision 3_0: its record says modRevision 4$/],
    [[[9, 0, 'of another revision']], 9, /^revision 9_0: its record says modRevision 10$/],
  ];
  for (const [rows, compactRev, problem, currentRev] of table) {
    t.match(problemOf(rows, compactRev, currentRev), problem, `${rows.join(' ')}, compacted at ${compactRev}`);
  }
});
