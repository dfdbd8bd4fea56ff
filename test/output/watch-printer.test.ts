import t from 'tap';
import { styleFor } from '../../src/output/terminal/style.js';
import { WATCH_PRINTERS } from '../../src/output/watch-printer.js';
import type { LiveResponse } from '../../src/storage/live-watch.js';
import { Sink } from '../support/run-cli.js';

// A response was once printed as one string: a watch of 14 transactions with 40 values of 1 MB each got them in one
// response, and ended with "Invalid string length".
t.test('a response comes in pieces, of one event at most', async (t) => {
  const style = { ...(await styleFor(new Sink(false, 100), {})), hex: false };
  const VALUE_BYTES = 1000;
  const kv = (value: string) => ({
    key: 'k',
    createRevision: 2,
    modRevision: 2,
    version: 1,
    value: Buffer.from(value.repeat(VALUE_BYTES)),
    lease: 0n,
  });
  const events = Array.from({ length: 20 }, () => ({ type: 'PUT' as const, kv: kv('v'), prevKv: kv('p') }));
  const response = { watchId: 0, via: 'notify', revision: 2, compactRevision: 0, events } as unknown as LiveResponse;
  for (const [format, printer] of Object.entries(WATCH_PRINTERS)) {
    const pieces = [...printer(style)(response)];
    t.ok(Math.max(...pieces.map(({ length }) => length)) < 4 * VALUE_BYTES, format);
    t.equal(pieces.at(-1)?.at(-1), '\n', format);
  }
  const [line] = [...WATCH_PRINTERS.json!(style)(response)].join('').split('\n');
  t.match(JSON.parse(line!), { Header: { revision: 2 }, Events: { length: 20 }, Canceled: false });
});
