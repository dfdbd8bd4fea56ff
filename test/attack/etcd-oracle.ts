// The oracle says what in a damaged etcd file contradicts what etcd writes. What nothing contradicts no reader can
// notice: the bytes of values, for example. There are two kinds of contradiction:
//
//   by the file      pages, metas, the digest; a record against its own revision; the sequence of the revisions; these
//                    every command can see
//   by the history   createRevision, version and key of a record against the earlier records of the key; only a command
//                    that follows each key through the whole history can see these: import and check

import { BoltPages, Contradiction, hold } from './bolt-pages.js';

const BUCKETS = new Set([
  'key',
  'meta',
  'lease',
  'alarm',
  'cluster',
  'members',
  'members_removed',
  'auth',
  'authUsers',
  'authRoles',
  'authRevision',
]);
const KEY_BYTES = 17;
const TOMBSTONE = 0x74;

interface Fields {
  readonly numbers: ReadonlyMap<number, bigint>;
  readonly bytes: ReadonlyMap<number, string>;
}

/** Decodes what Go's generated code wrote: fields in order, each once, none with a zero value, shortest varints. */
function fieldsOf(message: Buffer, bytesFields: readonly number[], last: number): Fields {
  const numbers = new Map<number, bigint>();
  const bytes = new Map<number, string>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++];
      hold(byte !== undefined && shift < 70n, 'a varint');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      hold((byte !== 0 || shift === 0n) && value < 2n ** 64n, 'a varint that is too long');
      return value;
    }
  };
  for (let before = 0; at < message.length; ) {
    const tag = Number(varint());
    const field = tag >> 3;
    hold(field > before && field <= last, `field ${field} after ${before}`);
    before = field;
    const isBytes = bytesFields.includes(field);
    hold((tag & 7) === (isBytes ? 2 : 0), `the wire type of field ${field}`);
    const number = varint();
    hold(number !== 0n, `field ${field} is zero`);
    if (!isBytes) {
      numbers.set(field, number);
      continue;
    }
    hold(number <= message.length - at, `field ${field} ends behind the record`);
    bytes.set(field, message.toString('latin1', at, at + Number(number)));
    at += Number(number);
  }
  return { numbers, bytes };
}

interface Seen {
  readonly createRevision: bigint;
  readonly version: bigint;
  readonly main: bigint;
}

interface StoreRecord extends Seen {
  readonly key: string;
  readonly sub: bigint;
  readonly tombstone: boolean;
}

function revisionOf(key: Buffer): { main: bigint; sub: bigint; tombstone: boolean } {
  const tombstone = key.length === KEY_BYTES + 1 && key[KEY_BYTES] === TOMBSTONE;
  hold((key.length === KEY_BYTES || tombstone) && key[8] === 0x5f, 'a revision key');
  return { main: key.readBigUInt64BE(0), sub: key.readBigUInt64BE(9), tombstone };
}

function recordOf(revisionKey: Buffer, value: Buffer): StoreRecord | undefined {
  const revision = revisionOf(revisionKey);
  // `etcdutl snapshot restore --bump-revision` writes this.
  if (value.length === 0) return undefined;
  const { numbers, bytes } = fieldsOf(value, [1, 5], 6);
  const key = bytes.get(1);
  hold(key !== undefined, 'a record without a key');
  const [createRevision = 0n, modRevision = 0n, version = 0n] = [2, 3, 4].map((field) => numbers.get(field));
  if (revision.tombstone) {
    hold(numbers.size === 0 && bytes.size === 1, 'a tombstone with more than a key');
  } else {
    hold(modRevision === revision.main, 'modRevision is not the revision');
    hold(createRevision > 0n && createRevision <= modRevision && version > 0n, 'createRevision or version');
    hold((version === 1n) === (createRevision === modRevision), 'the first version is that of the creation');
    hold(version <= modRevision - createRevision + 1n, 'more versions than revisions');
  }
  return { key, createRevision, version, ...revision };
}

function compactionOf(pages: BoltPages): { finished: bigint; scheduled: bigint } {
  const of = (name: string) => {
    const entry = pages.entries('meta').find(({ key }) => key.toString('latin1') === name);
    return entry === undefined ? 0n : revisionOf(entry.value).main;
  };
  const [finished, scheduled] = [of('finishedCompactRev'), of('scheduledCompactRev')];
  hold(finished <= scheduled, 'the finished compaction is above the scheduled one');
  return { finished, scheduled };
}

/** Checks that revisions follow one another above the last compaction. */
function checkSequence(records: readonly StoreRecord[], compacted: bigint): void {
  let main = compacted > 1n ? compacted : 1n;
  let sub = -1n;
  for (const record of records) {
    if (record.main <= compacted) continue;
    const follows = record.main === main ? record.sub === sub + 1n : record.main === main + 1n && record.sub === 0n;
    hold(follows, `revision ${record.main}_${record.sub} follows ${main}_${sub}`);
    [main, sub] = [record.main, record.sub];
  }
}

/** Checks each record against the earlier ones of its key. */
function checkHistory(
  records: readonly StoreRecord[],
  { finished, scheduled }: { finished: bigint; scheduled: bigint },
): void {
  const alive = new Map<string, Seen | undefined>();
  for (const record of records) {
    const { key, main, tombstone, createRevision, version } = record;
    const before = alive.get(key);
    const isKept = main <= finished && finished === scheduled;
    hold(!(isKept && (alive.has(key) || (tombstone && main < finished))), `${key}: compaction has left too much`);
    if (tombstone) {
      hold(before !== undefined || main <= finished, `${key} is deleted but not there`);
      alive.set(key, undefined);
      continue;
    }
    if (before !== undefined) {
      const continues = createRevision === before.createRevision && version === before.version + 1n;
      hold(continues, `${key}: version ${version}, created at ${createRevision}, after ${before.version}`);
    } else if (alive.has(key) || main > finished) {
      hold(createRevision === main, `${key} is created at ${createRevision}, not ${main}`);
    }
    alive.set(key, record);
  }
}

function checkLeases(pages: BoltPages): void {
  for (const { key, value } of pages.entries('lease')) {
    hold(key.length === 8, 'a lease id');
    const { numbers } = fieldsOf(value, [], 3);
    hold(numbers.get(1) === key.readBigUInt64BE(0), 'a lease under the id of another');
    hold((numbers.get(2) ?? 0n) < 2n ** 63n, 'a negative time to live');
  }
}

/**
 * What a command looks at: the leases and the newest record; all records; both; or both and the history of each key. All
 * look at the metas and at the names of the buckets.
 */
export type View = 'leases' | 'records' | 'both' | 'history';

/** Returns what a command with this view can see that contradicts the rest; undefined for nothing. */
export function contradictionOf(bytes: Buffer, view: View): string | undefined {
  try {
    const pages = new BoltPages(bytes);
    hold(pages.names.includes('key') && pages.names.includes('meta'), 'no key or meta bucket');
    const stranger = pages.names.find((name) => !BUCKETS.has(name));
    hold(stranger === undefined, `the bucket ${stranger}`);
    if (view !== 'records') checkLeases(pages);
    const compaction = compactionOf(pages);
    const entries = view === 'leases' ? pages.newest('key') : pages.entries('key');
    const records = entries.map(({ key, value }) => recordOf(key, value)).filter((record) => record !== undefined);
    if (view !== 'leases') checkSequence(records, compaction.scheduled);
    if (view === 'history') checkHistory(records, compaction);
    return undefined;
  } catch (error) {
    // A RangeError is a read behind the end of the file.
    if (error instanceof Contradiction || error instanceof RangeError) return error.message;
    throw error;
  }
}
