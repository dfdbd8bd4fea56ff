import t from 'tap';
import { formatDuration, MAX_DURATION_US, parseDuration } from '../../../src/replay/run/duration.js';
import fc from '../../support/fast-check.js';

t.test('times and their texts', async (t) => {
  const table: [text: string, us: number, formatted: string][] = [
    ['0us', 0, '0us'],
    ['250us', 250, '250us'],
    ['10ms', 10_000, '10ms'],
    ['1.5ms', 1500, '1500us'],
    ['10s', 10_000_000, '10s'],
    ['1.500s', 1_500_000, '1.5s'],
    ['0.5m', 30_000_000, '30s'],
    ['1.0000001s', 1_000_000, '1s'],
    // This duration was once written as 9007199254.740992s, which is too long.
    ['9007199254.740991s', MAX_DURATION_US, '9007199254.740991s'],
  ];
  for (const [text, us, formatted] of table) {
    t.equal(parseDuration(text), us, text);
    t.equal(formatDuration(us), formatted);
  }
  const hint = 'at most 9007199254.740991s';
  for (const text of ['9007199254.740992s', '9007199254740992us', `${'9'.repeat(400)}m`]) {
    t.throws(() => parseDuration(text), { code: 'USAGE', message: `${text} is too long a time`, hint });
  }
});

t.test('each time is read as it was written', async () => {
  fc.assert(fc.property(fc.maxSafeNat(), (us) => parseDuration(formatDuration(us)) === us));
});
