import { Ajv } from 'ajv';
import t from 'tap';
import { REPLAY_SCHEMA } from '../../../src/output/replay/json-schema.js';
import { unpackDataDirectory } from '../../support/data-directories.js';
import { runCli } from '../../support/run-cli.js';

const REPLAY = [
  'replay',
  ...['--watch', 'name=pods,key=/registry/pods/,prefix,rev=2', '--stream', '{name: pods, consumer: {every: 50ms}}'],
  ...['--base-rev', '1', '--arrivals', 'kubernetes', '--clock', '--explain', '/registry/pods/default/web-1@194'],
];

t.test('the life of an event begins with who asked for it, where a log tells that', async (t) => {
  const db = unpackDataDirectory('incident', 'data', t.testdir(), true);
  const { stdout, exitCode } = await runCli([...REPLAY, '--db', db], { nowMs: Date.UTC(2026, 10, 28) });
  t.equal(exitCode, 0);
  const [, committed, , delivered] = stdout.split('\n  ').map((sentence) => sentence.replaceAll(/\s+/g, ' '));
  t.equal(
    committed,
    'The DELETE was committed at 2026-11-28T16:51:58.150Z ± 1.3s: deletion by alice through m1, up since 2026-11-28T16:51:44Z, index 210 of term 2.',
  );
  t.match(delivered, /^It was delivered at 2026-11-28T16:52:03\.050Z via notify, .* 4\.899495s after it was there; /);

  const json = JSON.parse((await runCli([...REPLAY, '-w', 'json', '--db', db])).stdout);
  t.match(json.origin, { user: 'alice', index: 210, term: 2, request: 'deleteRange' });
  const ajv = new Ajv({ allErrors: true });
  t.ok(ajv.validate(REPLAY_SCHEMA, json), ajv.errorsText());

  const compacted = await runCli([...REPLAY, '-w', 'json', '--db', db, '--compacted']);
  t.notMatch(compacted.stdout, 'alice', 'without the log, nobody is named');
});
