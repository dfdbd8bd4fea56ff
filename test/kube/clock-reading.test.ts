import t from 'tap';
import { clockReadings } from '../../src/kube/clock-reading.js';
import { moment, readTimestamp } from '../../src/kube/timestamp.js';
import fc from '../support/fast-check.js';
import { expectedObjects, kubeValues } from '../support/k8s-objects.js';

t.test('the times of each object are those that the libraries of Kubernetes read', async (t) => {
  const values = kubeValues();
  let renewals = 0;
  for (const expected of expectedObjects()) {
    const { rev, key, encoding, managers } = expected;
    const value = values.get(`${rev} ${key}`);
    if (value === undefined || encoding === 'encrypted' || encoding === 'plain') continue;
    const readings = clockReadings(value);
    const us = (text: string | undefined) => (text === undefined ? undefined : readTimestamp(text)?.timeUs);
    const times = managers.map((manager) => us((manager as { time?: string }).time)!);
    t.equal(readings?.managedUs, times.length === 0 ? undefined : Math.max(...times), `${rev} ${key}`);
    const object = expected.object as { metadata: { creationTimestamp?: string } } | undefined;
    if (object !== undefined) t.equal(readings?.createdUs, us(object.metadata.creationTimestamp), `${rev} ${key}`);
    const { renewTimeMicros } = expected as { renewTimeMicros?: number };
    t.equal(readings?.renewal?.timeUs, renewTimeMicros, `${rev} ${key}`);
    if (renewTimeMicros !== undefined) renewals++;
  }
  t.ok(renewals > 20);
});

t.test('values that say nothing of the time, and damaged ones', async (t) => {
  for (const text of ['', 'x', '{', '{}', '[1]', '{"kind":"A","apiVersion":"v1","metadata":5}', 'k8s:enc:a', 'k8s\0']) {
    t.equal(clockReadings(Buffer.from(text)), undefined, text);
  }
  const created = (text: string) =>
    clockReadings(Buffer.from(`{"kind":"A","apiVersion":"v1","metadata":{"creationTimestamp":${text}}}`))?.createdUs;
  t.equal(created('"2026-11-28T04:55:31Z"'), 1_795_841_731_000_000);
  t.equal(created('null'), undefined);
  t.equal(created('"0001-01-01T00:00:00Z"'), undefined, 'what Go writes for no time');
  for (const value of [...kubeValues().values()].slice(0, 60)) {
    for (const length of [8, 30, 60, 200]) t.doesNotThrow(() => clockReadings(value.subarray(0, length)));
  }
});

t.test('times are read as they are written', async (t) => {
  const rows: [text: string, us: number | undefined, resolutionUs?: number][] = [
    ['1970-01-01T00:00:00Z', 0, 1e6],
    ['2026-11-28T04:55:31.966952Z', 1_795_841_731_966_952, 1],
    ['2026-11-28T04:55:31.966952999Z', 1_795_841_731_966_952, 1],
    ['2026-11-28 04:55:31', 1_795_841_731_000_000, 1e6],
    ['2026-11-28', undefined],
    ['2026-11-28T05:55:31.9+01:00', 1_795_841_731_900_000, 1e5],
    ['2026-11-27T23:25:31-0530', 1_795_841_731_000_000, 1e6],
    ['2024-02-29T00:00:00', 1_709_164_800_000_000, 1e6],
    ['2023-02-29T00:00:00Z', undefined],
    ['2026-11-28T24:00:00Z', undefined],
    ['2016-12-31T23:59:60Z', 1_483_228_800_000_000, 1e6],
  ];
  for (const [text, us, resolutionUs] of rows) {
    t.strictSame(readTimestamp(text), us === undefined ? undefined : { timeUs: us, resolutionUs }, text);
  }
  fc.assert(
    fc.property(fc.maxSafeNat(), (us) => {
      const text = moment(us);
      return (
        readTimestamp(text)?.timeUs === us && `${text.slice(0, 23)}Z` === new Date(Math.floor(us / 1000)).toISOString()
      );
    }),
  );
});
