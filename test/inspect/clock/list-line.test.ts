import t from 'tap';
import { ListReader } from '../../../src/inspect/clock/list-line.js';
import { moment } from '../../../src/kube/timestamp.js';

/** Returns what lines say, as text: the revision, from when, until when, and whether it is near. */
function told(...lines: string[]): string[] {
  const list = new ListReader();
  return lines.flatMap((line) =>
    list.read(line).map(({ revision, fromUs, untilUs, isNear }) => {
      const time = (us: number | undefined) => (us === undefined ? '' : moment(us).slice(11));
      return `${revision} ${time(fromUs)}-${time(untilUs)}${isNear ? ' near' : ''}`;
    }),
  );
}

t.test('CSV, with and without names of its columns', async (t) => {
  const second = '7 04:55:31.000000Z-04:55:32.000000Z near';
  t.strictSame(told('7,2026-11-28T04:55:31Z'), [second], 'a time is as exact as it is written');
  t.strictSame(told('revision,time', '7,2026-11-28T04:55:31Z', '', '8,1795841731966952'), [
    second,
    '8 04:55:31.966952Z-04:55:31.966952Z near',
  ]);
  t.strictSame(told('user,seen_ms,mod_revision', 'alice,1795841731000,7'), ['7 -04:55:31.000000Z near']);
  t.strictSame(told('"rev","not_before","notAfter"', '"7","2026-11-28T04:55:31Z","2026-11-28T04:55:33Z"'), [
    '7 04:55:31.000000Z-04:55:33.000000Z near',
  ]);
  t.strictSame(
    told('key,rev,value,seen_ms', ',"7", "a, ""b"", 8,9", 1795841731000'),
    ['7 -04:55:31.000000Z near'],
    'commas in quotes',
  );
  t.strictSame(told('rev,notAfter', '7,1795841731'), ['7 -04:55:31.000000Z']);
});

t.test('lines of JSON', async (t) => {
  t.strictSame(
    told('{"kind":"when","revision":7,"time":"2026-11-28T04:55:32.5Z","notBefore":"2026-11-28T04:55:31Z"}'),
    ['7 04:55:31.000000Z-', '7 -04:55:32.600000Z near'],
    'beside bounds, a time is no bound',
  );
  const audit = {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    stage: 'ResponseComplete',
    verb: 'create',
    responseObject: { kind: 'Pod', metadata: { name: 'a', resourceVersion: '7' } },
    requestReceivedTimestamp: '2026-11-28T04:55:31.966952Z',
    stageTimestamp: '2026-11-28T04:55:31.970000Z',
  };
  const audited = (more: object) => told(JSON.stringify({ ...audit, ...more }));
  t.strictSame(audited({}), ['7 04:55:31.966952Z-04:55:31.970000Z near']);
  t.strictSame(audited({ verb: 'patch' }), ['7 -04:55:31.970000Z near'], 'a patch may have changed nothing');
  t.strictSame(audited({ verb: 'list' }), ['7 -04:55:31.970000Z']);
  t.strictSame(audited({ responseObject: undefined }), [], 'an audit log of requests without answers');
});

t.test('what is no list', async (t) => {
  const rows = [
    'x',
    '7',
    '7,soon',
    '0,2026-11-28T04:55:31Z',
    '{',
    '{"revision":7}',
    '{"time":1795841731}',
    '-1,1795841731',
  ];
  for (const line of rows) t.throws(() => told(line), { code: 'FORMAT' }, line);
  t.throws(() => told('revision,user', '7,alice'), { code: 'FORMAT' });
});
