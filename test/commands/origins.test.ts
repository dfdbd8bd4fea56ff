// These tests run the commands that tell where revisions come from on data directories of real servers.

import { Ajv } from 'ajv';
import t from 'tap';
import { REPLAY_SCHEMA } from '../../src/output/replay/json-schema.js';
import { unpackDataDirectory } from '../support/data-directories.js';
import { inspectionLines } from '../support/inspection-lines.js';
import { runCli, temporaryFolder } from '../support/run-cli.js';

const NOW = { nowMs: Date.UTC(2026, 10, 28, 12) };
const folder = temporaryFolder(t);
const auth = unpackDataDirectory('auth-35-b', 'data', folder);

t.test('blame', async (t) => {
  const range = ['', '--prefix', '--db', auth, '--from-rev', '576', '--to-rev', '578'];
  const { stdout, stderr } = await runCli(['blame', ...range], NOW);
  t.notMatch(stderr, 'nobody recorded');
  const { stderr: unread } = await runCli(['blame', ...range, '--compacted'], NOW);
  t.match(
    unread,
    /Hint: nobody recorded who wrote: with --compacted, the log is not read, .* Leave --compacted away\n/,
  );
  const lines = stdout.trimEnd().split('\n');
  t.match(
    lines[0],
    /^576_0 DELETE team-a\/shared\/k01 {2}deletion by alice through a1, up since .*; index 1170 of term 2$/,
  );
  t.match(lines.at(-1), /^578_\d DELETE .* {2}lease ran out or was revoked by root through a1, .*; lease [0-9a-f]+/);
  const told = inspectionLines(t, (await runCli(['blame', ...range, '-w', 'json'], NOW)).stdout);
  const leased = told.find(({ lease }) => lease !== undefined)?.lease;
  t.match(leased, { grantedThrough: { memberName: 'a1' }, grant: { index: Number, term: 2, user: String } });
  t.match(told[0], {
    type: 'DELETE',
    origin: {
      index: 1170,
      term: 2,
      request: 'deleteRange',
      user: 'alice',
      member: '69b38ac7138de88d',
      memberName: 'a1',
    },
  });
});

const cluster = unpackDataDirectory('cluster-34', 'm1', folder);
const M1 = 'through m1, up since 2026-11-28T04:44:47Z';

t.test('history', async (t) => {
  const key = ['history', '/iron/08', '--db', cluster, '--to-rev', '101'];
  const { stdout } = await runCli([...key, '--no-diff', '--reverse', '--limit', '1'], NOW);
  t.match(stdout, `0 bytes, put ${M1}, index 151 of term 5\n`);
  const lines = inspectionLines(t, (await runCli([...key, '-w', 'json'], NOW)).stdout);
  t.match(lines.at(-1), { origin: { index: 151, upSince: /^2026-11-28T04:44:47\.\d{3}Z$/ } });
});

t.test('replay', async (t) => {
  const replay = ['replay', '--db', cluster, '--from-rev', '101', '--to-rev', '102', '--base-rev', '101', '--trace'];
  const { stdout } = await runCli(replay, NOW);
  t.match(stdout, `commit: revision 102, 1 event; put ${M1}; index 152 of term 5\n`);
  t.match(stdout, `(version 2, 290 bytes; put ${M1}; index 152 of term 5)\n`);
  const validate = new Ajv({ strict: true, strictTypes: false }).compile(REPLAY_SCHEMA);
  const json = await runCli([...replay, '-w', 'json'], NOW);
  const lines = json.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const line of lines) if (!validate(line)) t.fail(JSON.stringify(line));
  t.match(
    lines.find(({ kind }) => kind === 'commit'),
    { revision: 102, origin: { memberName: 'm1' } },
  );
  t.match(
    lines.find(({ kind, response }) => kind === 'response' && response.Events.length > 0),
    { origins: [{ revision: 101, origin: { index: 151 } }] },
  );
});

t.test('diff names the request at which members part', async (t) => {
  const [m1, m2] = ['m1', 'm2'].map((member) => unpackDataDirectory('diverged-35', member, folder));
  const { stdout } = await runCli(['diff', m1!, m2!], NOW);
  t.match(stdout, /part at revision 931\n.* PUT svc\/green08, .*; put through m3, .*; index 1294 of term 6\n/);
  t.match(stdout, /\n.* PUT app\/failed04, .*; transaction through m1, .*; index 1292 of term 6\n/);
  const lines = inspectionLines(t, (await runCli(['diff', m1!, m2!, '-w', 'json'], NOW)).stdout);
  t.match(
    lines.find(({ kind }) => kind === 'histories'),
    {
      parting: { events: [{ origin: { index: 1294, memberName: 'm3' } }, { origin: { index: 1292, request: 'txn' } }] },
    },
  );
  t.match(
    lines.find(({ change }) => change === 'changed'),
    { a: { origin: {} }, b: { origin: {} } },
  );
});
