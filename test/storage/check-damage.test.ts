// These tests damage etcd files at drawn places, and hold what check finds against what can be read: whatever changes an
// answer, or keeps it from being given, has a finding. The one exception is what nothing in a file without a digest
// contradicts, as the bytes of values; the oracle of the attack tells that.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { MvccwError } from '../../src/errors.js';
import type { Finding } from '../../src/inspect/check/finding.js';
import { storeStatus } from '../../src/inspect/status.js';
import { checkDatabase } from '../../src/storage/check-database.js';
import { withDatabase } from '../../src/storage/database.js';
import { describeDatabase } from '../../src/storage/describe-database.js';
import { type EtcdBase, etcdBases } from '../attack/etcd-bases.js';
import { contradictionOf } from '../attack/etcd-oracle.js';
import { damaged } from '../attack/generators/etcd-pages.js';
import { draws, random, SEED } from '../support/random.js';

const DRAWS = draws(60, 1000);
const folder = mkdtempSync(join(tmpdir(), 'mvccw-check-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'db');

interface Answer {
  readonly text: string;
  /** What readers say of damage. */
  readonly told: readonly string[];
}

/** Returns all that can be read of a file, or the error that keeps some of it from being read. */
async function answerOf(bytes: Buffer): Promise<Answer | MvccwError> {
  writeFileSync(path, bytes);
  const parts: unknown[] = [];
  const told: string[] = [];
  try {
    await withDatabase(
      path,
      async (database) => {
        const { store, origin } = database;
        told.push(...describeDatabase(database).etcd!.problems);
        parts.push(
          storeStatus(store, { indexed: false }),
          store.hash(),
          store.hash(Math.max(store.compactRev, store.currentRev - 1, 1)),
          origin,
        );
        for (const { keyBytes, valueBytes } of store.records(0, store.currentRev)) {
          parts.push(keyBytes.toString('latin1'), valueBytes.toString('latin1'));
        }
        const { kvs } = store.range({ key: '\0', end: '' });
        parts.push(kvs.map(({ key, modRevision, version }) => [key, modRevision, version]));
        for (const { id, ttlSeconds } of store.leases.list()) parts.push(`${id} ${ttlSeconds}`, store.leases.keys(id));
      },
      {
        onRemark: (remark) => {
          told.push(remark);
        },
      },
    );
    return { text: JSON.stringify(parts), told };
  } catch (error) {
    if (error instanceof MvccwError) return error;
    throw error;
  }
}

/** Returns what check finds; undefined if the file is refused as a whole. */
async function findingsOf(bytes: Buffer): Promise<Finding[] | undefined> {
  writeFileSync(path, bytes);
  const found: Finding[] = [];
  try {
    const { findings, complete } = await checkDatabase(path, (finding) => {
      found.push(finding);
    });
    t.equal(findings, found.length);
    t.ok(complete || findings > 0, 'what was not read has a finding');
    return found;
  } catch (error) {
    if (error instanceof MvccwError && /CORRUPT|FORMAT|IO/.test(error.code)) return undefined;
    throw error;
  }
}

/** Says what is wrong with what check makes of a file; undefined if nothing is. */
async function missed({ name }: EtcdBase, what: string, bytes: Buffer, right: string): Promise<string | undefined> {
  const findings = await findingsOf(bytes);
  if (findings === undefined || findings.length > 0) return undefined;
  const answer = await answerOf(bytes);
  if (answer instanceof MvccwError) return `${name}, ${what}: check finds nothing, but ${answer.message}`;
  if (answer.told.length > 0)
    return `${name}, ${what}: check finds nothing, but readers tell ${answer.told.join('; ')}`;
  if (answer.text === right) return undefined;
  const contradiction = contradictionOf(bytes, 'history');
  return contradiction === undefined ? undefined : `${name}, ${what}: check finds nothing, but ${contradiction}`;
}

t.test('whatever alters an answer is found', async (t) => {
  const bases = etcdBases();
  const right = new Map<EtcdBase, string>();
  for (const base of bases) {
    t.same(await findingsOf(base.bytes), [], `${base.name} is sound`);
    const answer = await answerOf(base.bytes);
    if (answer instanceof MvccwError) throw answer;
    t.same(answer.told, []);
    right.set(base, answer.text);
  }
  const wrong: string[] = [];
  for (let draw = 0; draw < DRAWS; draw++) {
    const next = random(SEED * DRAWS + draw);
    const base = bases[next(bases.length)]!;
    const { what, bytes } = damaged(base, next);
    const problem = await missed(base, what, bytes, right.get(base)!);
    if (problem !== undefined) wrong.push(problem);
  }
  t.same(wrong, []);
});
