// These tests damage etcd files at seeded places. Every record whose bytes are intact comes back, no record comes back
// that was never there, and what can be made of them answers as the file did, or says that it may not.

import t from 'tap';
import { BoltFile } from '../../../src/bbolt/bolt-file.js';
import { LeafPage } from '../../../src/bbolt/leaf-page.js';
import type { PageSource } from '../../../src/bbolt/page-source.js';
import { MvccwError } from '../../../src/errors.js';
import { checkStore } from '../../../src/inspect/check/check-store.js';
import { isLost, type Loss } from '../../../src/inspect/salvage/loss.js';
import { type Salvage, salvage } from '../../../src/inspect/salvage/salvage.js';
import { MemoryBackend } from '../../../src/mvcc/memory-backend.js';
import { StoredRecord } from '../../../src/mvcc/record.js';
import { formatRevision, isRevisionKey } from '../../../src/mvcc/revision.js';
import { Store } from '../../../src/mvcc/store.js';
import { writeFinishedCompactRev, writeScheduledCompactRev } from '../../../src/mvcc/store-state.js';
import { etcdBases } from '../../attack/etcd-bases.js';
import { random, SEED } from '../../support/random.js';
import { snapshotBytes } from '../../support/snapshots.js';

const DRAWS = 50;
const HEADER_BYTES = 16;

function sourceOf(bytes: Buffer): PageSource {
  return {
    sizeBytes: bytes.length,
    read: (offset, length) => {
      if (offset < 0 || offset + length > bytes.length) throw new Error(`read of ${length} bytes at ${offset}`);
      return Buffer.from(bytes.subarray(offset, offset + length));
    },
  };
}

interface Piece {
  readonly start: number;
  readonly end: number;
}

/** A record of the tree, and the bytes on which it depends. */
interface Original {
  readonly name: string;
  readonly record: StoredRecord;
  readonly element: Piece;
  readonly content: Piece;
  readonly header: Piece;
}

interface Base {
  readonly name: string;
  readonly bytes: Buffer;
  readonly pageSize: number;
  /** The records of the tree, by revision. */
  readonly records: ReadonlyMap<string, Original>;
  /** The records of all leaf pages, of the tree or not, as text. */
  readonly known: ReadonlySet<string>;
  /** The bytes of the metas, branch pages and root that lead to the records. */
  readonly paths: readonly Piece[];
  /** The offsets of the pages that are not all zeros. */
  readonly pages: readonly number[];
}

const nameOf = (record: StoredRecord) => formatRevision(record);
const textOf = (record: StoredRecord) => `${record.keyBytes.toString('hex')} ${record.valueBytes.toString('hex')}`;

function baseOf(name: string, whole: Buffer): Base {
  const { meta } = new BoltFile(sourceOf(whole));
  const { pageSize } = meta;
  const bytes = whole.subarray(0, meta.highWaterMark * pageSize);
  const bolt = new BoltFile(sourceOf(bytes));
  const pages: number[] = [];
  for (let at = 0; at < bytes.length; at += pageSize) {
    if (bytes.subarray(at, at + pageSize).some((byte) => byte !== 0)) pages.push(at);
  }
  const records = new Map<string, Original>();
  const paths: Piece[] = [{ start: 0, end: 2 * pageSize }];
  const pageAt = (pgid: number) => ({ start: pgid * pageSize, end: (pgid + 1) * pageSize });
  paths.push(pageAt(bolt.meta.root));
  const leaves = bolt.bucket('key')!.leaves((page) => {
    if (!(page instanceof LeafPage)) paths.push(pageAt(page.place.pgid));
  });
  for (const page of leaves) {
    for (let i = 0; i < page.count; i++) {
      const record = new StoredRecord(page.key(i), page.value(i));
      const start = page.place.offset + page.valueStart(i) - page.key(i).length;
      const element = page.place.offset + HEADER_BYTES * (i + 1);
      records.set(nameOf(record), {
        name: nameOf(record),
        record,
        element: { start: element, end: element + HEADER_BYTES },
        content: { start, end: start + page.key(i).length + page.value(i).length },
        header: { start: page.place.offset, end: page.place.offset + HEADER_BYTES },
      });
    }
  }
  return { name, bytes, pageSize, records, known: knownRecords(bolt, bytes), paths, pages };
}

function knownRecords(bolt: BoltFile, bytes: Buffer): Set<string> {
  const known = new Set<string>();
  for (let pgid = 2; (pgid + 1) * bolt.meta.pageSize <= bytes.length; pgid++) {
    try {
      const page = bolt.pages.load(pgid);
      if (!(page instanceof LeafPage)) continue;
      for (let i = 0; i < page.count; i++) {
        if (isRevisionKey(page.key(i))) known.add(textOf(new StoredRecord(page.key(i), page.value(i))));
      }
    } catch (error) {
      if (!(error instanceof MvccwError)) throw error;
    }
  }
  return known;
}

type Draw = (below: number) => number;
/** Damages the bytes. `page` draws the offset of a page that is not all zeros. */
type Damage = (bytes: Buffer, draw: Draw, page: () => number, pageSize: number) => Buffer;

function fillRandomly(bytes: Buffer, start: number, length: number, draw: Draw): Buffer {
  for (let at = start; at < Math.min(start + length, bytes.length); at++) bytes[at] = draw(256);
  return bytes;
}

const DAMAGES: Readonly<Record<string, Damage>> = {
  'a bit': (bytes, draw, page, pageSize) => {
    bytes[page() + draw(pageSize)]! ^= 1 << draw(8);
    return bytes;
  },
  'a few bytes': (bytes, draw, page, pageSize) => {
    for (let i = 0; i < 8; i++) bytes[page() + draw(pageSize)] = draw(256);
    return bytes;
  },
  'bits of headers and tables': (bytes, draw, page) => {
    for (let i = 0; i < 4; i++) bytes[page() + draw(96)]! ^= 1 << draw(8);
    return bytes;
  },
  'a page of zeros': (bytes, _, page, pageSize) => {
    const start = page();
    return bytes.fill(0, start, start + pageSize);
  },
  'pages of garbage': (bytes, draw, page, pageSize) => {
    for (let i = 0; i < 3; i++) fillRandomly(bytes, page(), pageSize, draw);
    return bytes;
  },
  'a page in the place of another': (bytes, _, page, pageSize) => {
    const from = page();
    return bytes.copyWithin(page(), from, from + pageSize);
  },
  'a range of garbage': (bytes, draw, page, pageSize) =>
    fillRandomly(bytes, page() + draw(pageSize), 1 + draw(9000), draw),
  'both metas': (bytes, draw, page, pageSize) => {
    fillRandomly(bytes, 0, 2 * pageSize, draw);
    return draw(2) === 0 ? fillRandomly(bytes, page(), pageSize, draw) : bytes;
  },
  'one meta': (bytes, draw, _, pageSize) => fillRandomly(bytes, draw(2) * pageSize, pageSize, draw),
  'a cut': (bytes, draw, page, pageSize) => bytes.subarray(0, page() + draw(pageSize)),
};

interface Outcome {
  readonly result: Salvage;
  readonly losses: readonly Loss[];
}

/** Salvages a file; returns undefined if nothing can be. */
function salvaged(bytes: Buffer): Outcome | undefined {
  const losses: Loss[] = [];
  const steps = salvage(sourceOf(bytes));
  try {
    for (;;) {
      const next = steps.next();
      if (next.done) return { result: next.value, losses };
      if (next.value.loss !== undefined) losses.push(next.value.loss);
    }
  } catch (error) {
    if (error instanceof MvccwError && ['CORRUPT', 'FORMAT'].includes(error.code)) return undefined;
    throw error;
  }
}

function found({ result }: Outcome): Map<string, StoredRecord> {
  const records = new Map<string, StoredRecord>();
  for (const list of [result.chosen.history, result.chosen.outside]) {
    for (const copy of list) {
      const record = result.reader.record(copy);
      records.set(nameOf(record), record);
    }
  }
  return records;
}

/** Makes a store of what was salvaged. */
function storeOf({ plan, small }: Salvage): { store: Store; problems: string[] } {
  const backend = new MemoryBackend();
  backend.transaction(() => {
    for (const { record } of plan.records()) backend.tables.key.put(record.keyBytes, record.valueBytes);
    const isOther = plan.isOther || !small.marksKnown;
    const { scheduled, finished } = isOther ? { scheduled: plan.floor, finished: plan.floor } : small.marks;
    if ((scheduled ?? -1) >= 0) writeScheduledCompactRev(backend.tables.meta, scheduled!);
    if ((finished ?? -1) >= 0) writeFinishedCompactRev(backend.tables.meta, finished!);
  });
  const store = new Store(backend);
  store.restore();
  const problems = [...checkStore(backend)].filter(({ kind }) => kind !== 'lease');
  return { store, problems: problems.map(({ problem }) => problem) };
}

const bases = [
  ...['small-35', 'nocompact-35', 'small-34', 'live-deletes-35'].map((name) => baseOf(name, snapshotBytes(name))),
  baseOf('by hand', etcdBases().find(({ name }) => name === 'by hand')!.bytes),
];

t.test('an undamaged file', async (t) => {
  for (const base of bases) {
    const outcome = salvaged(base.bytes)!;
    t.strictSame(
      outcome.losses.filter(({ kind }) => kind !== 'outside'),
      [],
      base.name,
    );
    t.strictSame(outcome.result.doubts, []);
    const texts = [...outcome.result.plan.records()].map(({ record }) => textOf(record));
    t.strictSame(
      texts,
      [...base.records.values()].map(({ record }) => textOf(record)),
    );
  }
});

t.test('seeded damage', async (t) => {
  const draw = random(SEED);
  let cameBack = 0;
  let nothing = 0;
  for (let i = 0; i < DRAWS; i++) {
    const base = bases[draw(bases.length)]!;
    const kind = Object.keys(DAMAGES)[draw(Object.keys(DAMAGES).length)]!;
    const copy = Buffer.from(base.bytes);
    const bytes = DAMAGES[kind]!(copy, draw, () => base.pages[draw(base.pages.length)]!, base.pageSize);
    const name = `draw ${i}: ${kind} of ${base.name}`;
    const isIntact = ({ start, end }: Piece) =>
      end <= bytes.length && bytes.compare(base.bytes, start, end, start, end) === 0;
    const hasPath = base.paths.every(isIntact);
    const wanted = [...base.records.values()].filter(
      ({ element, content, header }) =>
        isIntact(element) &&
        isIntact(content) &&
        (isIntact(header) || hasPath) &&
        header.start + base.pageSize <= bytes.length,
    );
    const outcome = salvaged(bytes);
    if (outcome === undefined) {
      nothing++;
      t.equal(wanted.length, 0, `${name}: nothing was salvaged`);
      continue;
    }
    const records = found(outcome);
    const others = new Set(
      outcome.result.chosen.otherVersions.map((copy) => textOf(outcome.result.reader.record(copy))),
    );
    const missing = wanted.filter(
      ({ name, record }) =>
        (records.get(name) === undefined || textOf(records.get(name)!) !== textOf(record)) &&
        !others.has(textOf(record)),
    );
    if (missing.length > 0) t.fail(`${name}: ${missing.map((one) => one.name).join(' ')} did not come back`);
    cameBack += wanted.length;
    const allowed = (record: StoredRecord) => base.known.has(textOf(record)) || isChanged(base, record, bytes);
    for (const record of records.values()) if (!allowed(record)) t.fail(`${name}: ${nameOf(record)} was never there`);
    const { store, problems } = storeOf(outcome.result);
    if (problems.length > 0) t.fail(`${name}: ${problems.join('; ')}`);
    const isDamaged = outcome.losses.some(isLost);
    if (outcome.result.doubts.length > 0) {
      t.ok(isDamaged, name);
      continue;
    }
    for (const rev of [Math.max(store.compactRev, 1), store.currentRev]) {
      const answer = store.range({ key: '\0', end: '', rev }).kvs;
      const right = liveAt(base, rev);
      const differs =
        answer.some(({ key, modRevision }) => right.get(key) !== modRevision) || answer.length !== right.size;
      if (differs && !kindsOf(outcome).includes('history')) {
        const touched = [...base.records.values()].some(({ content }) => !isIntact(content));
        if (!touched) t.fail(`${name}: a wrong answer at ${rev}, and no doubt: ${kindsOf(outcome)}`);
      }
    }
  }
  t.ok(cameBack > DRAWS, `${cameBack} records came back; ${nothing} files had none`);
});

const kindsOf = ({ losses }: Outcome) => losses.map(({ kind }) => kind).join(' ');

/** Tells whether a record can be one of the file with some of its bytes changed. */
function isChanged(base: Base, record: StoredRecord, bytes: Buffer): boolean {
  const text = Buffer.concat([record.keyBytes, record.valueBytes]);
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
    if (base.bytes.compare(text, 0, text.length, at, at + text.length) !== 0) return true;
  }
  return false;
}

/** Returns the keys that lived at a revision, with the revisions of their last changes. */
function liveAt(base: Base, rev: number): Map<string, number> {
  const live = new Map<string, number>();
  for (const { record } of base.records.values()) {
    if (record.main > rev) break;
    if (record.tombstone) live.delete(record.key);
    else live.set(record.key, record.main);
  }
  return live;
}

/** Returns the offset of the page that leads to the records. */
function rootOfRecords(bytes: Buffer, pageSize: number): number {
  let root = 0;
  const leaves = new BoltFile(sourceOf(bytes)).bucket('key')!.leaves((page) => {
    if (root === 0) root = page.place.pgid * pageSize;
  });
  for (const _ of leaves) break;
  return root;
}

t.test('pages whose damage contradicts nothing on them', async (t) => {
  const { bytes, pageSize, records } = bases[1]!;
  const root = rootOfRecords(bytes, pageSize);
  const COUNT = 10;
  const last = [...records.values()].at(-1)!.record;
  const damaged = (damage: (copy: Buffer) => Buffer) => salvaged(damage(Buffer.from(bytes)))!;
  const fewer = damaged((copy) => {
    copy.writeUInt16LE(copy.readUInt16LE(root + COUNT) - 4, root + COUNT);
    return copy;
  });
  t.equal(
    storeOf(fewer.result).store.currentRev,
    last.main,
    'elements that were taken off a branch page still lead on',
  );
  t.strictSame(fewer.result.doubts, []);

  const leaf = [...records.values()][0]!.header.start;
  const leafAsRoot = damaged((copy) => {
    copy.copyWithin(root, leaf, leaf + pageSize);
    copy.writeBigUInt64LE(BigInt(root / pageSize), root);
    return copy;
  });
  t.ok(storeOf(leafAsRoot.result).store.currentRev < last.main);
  t.match(
    leafAsRoot.result.doubts.join(),
    /what was committed last may be missing/,
    'newer records are intact elsewhere',
  );
  t.match(
    leafAsRoot.losses.filter(isLost).map(({ problem }) => problem),
    [new RegExp(`revisions \\d+ to ${last.main} are intact on pages to which nothing leads`)],
  );

  const oneLeaf = damaged((copy) => copy.subarray(0, 4 * pageSize));
  const taken = [...oneLeaf.result.plan.records()].map(({ record }) => nameOf(record));
  t.equal(taken.at(-1), '74_0', 'a leaf that ends within a transaction does not end the history');
});

t.test('an older tree is taken as a compaction would have left it', async (t) => {
  const bytes = Buffer.from(snapshotBytes('medium-35-compacted'));
  const { pageSize } = new BoltFile(sourceOf(bytes)).meta;
  const root = rootOfRecords(bytes, pageSize);
  const { result } = salvaged(bytes.fill(0, root, root + pageSize))!;
  t.strictSame(storeOf(result).problems, []);
});

t.test('a file that is cut before its compact revision says what may be missing', async (t) => {
  const { result } = salvaged(snapshotBytes('live-medium-35-defrag').subarray(0, 20 * 4096))!;
  t.match(result.doubts, [/^keys last written up to revision 1691 may be missing/, /committed last/]);
});

/** Takes an element off a branch page as `bbolt surgery` does: what lay behind the data stays. */
function takeOff(bytes: Buffer, page: number, index: number): void {
  const count = bytes.readUInt16LE(page + 10);
  const elements = Array.from({ length: count }, (_, i) => {
    const at = page + HEADER_BYTES * (i + 1);
    const key = at + bytes.readUInt32LE(at);
    return { element: Buffer.from(bytes.subarray(at, at + 16)), key: Buffer.from(bytes.subarray(key, key + 17)) };
  });
  for (const [i, { element, key }] of elements.toSpliced(index, 1).entries()) {
    const start = HEADER_BYTES * count + i * key.length;
    element.writeUInt32LE(start - HEADER_BYTES * (i + 1), 0);
    element.copy(bytes, page + HEADER_BYTES * (i + 1));
    key.copy(bytes, page + start);
  }
  bytes.writeUInt16LE(count - 1, page + 10);
}

t.test('elements that were taken off from within a branch page leave a doubt', async (t) => {
  const whole = snapshotBytes('medium-35-compacted');
  const { pageSize } = new BoltFile(sourceOf(whole)).meta;
  const root = rootOfRecords(whole, pageSize);
  for (const index of [0, 1, 2]) {
    const bytes = Buffer.from(whole);
    takeOff(bytes, root, index);
    const { losses, result } = salvaged(bytes)!;
    t.match(losses.filter(isLost)[0]!.problem, /elements have been taken off from within it/);
    t.match(result.doubts, [/may be missing/]);
  }
});
