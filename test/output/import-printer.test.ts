import t from 'tap';
import { IMPORT_PRINTERS } from '../../src/output/import-printer.js';
import { styleFor } from '../../src/output/terminal/style.js';

t.test('what was imported is counted', async (t) => {
  const style = await styleFor({ isTTY: false }, {});
  const print = (records: number, leases: number) =>
    IMPORT_PRINTERS.simple!('f', 'd', { records, leases, revision: 9, compactRevision: -1, digest: 'absent' }, style);
  t.equal(print(2, 0), 'imported f into d: 2 records, 0 leases, revisions 1 to 9; it carries no digest\n');
  t.match(print(1, 1), /: 1 record, 1 lease \(no deadlines until they are kept alive\), /);
});
