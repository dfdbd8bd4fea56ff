// A watch range with a name is registered in a database (in the table `watch`, as JSON), or given to a replay.

import { type Bytes, base64, fromBase64 } from '../bytes/byte-string.js';
import { holdsUnsafe } from '../bytes/unsafe-characters.js';
import { MvccwError } from '../errors.js';
import type { ReadTable, Table } from '../mvcc/backend.js';
import type { KeyRange } from '../mvcc/key-range.js';
import type { EventFilter } from '../watch/event-filter.js';
import { type RangeOptions, type RequestWords, watchRangeOf } from './range-options.js';

export interface WatchSpec extends KeyRange {
  readonly name: string;
  /** The first revision that it wants; undefined: where the replay starts. */
  readonly startRev?: number | undefined;
  readonly filters: readonly EventFilter[];
  readonly prevKv: boolean;
  /** The server sends it progress when it has sent nothing else for an interval. */
  readonly progressNotify?: boolean | undefined;
  /** Responses that are too large for one message come in several. */
  readonly fragment?: boolean | undefined;
  /** The stream that it shares with other watchers of the same `stream`; undefined: a stream of its own. */
  readonly stream?: string | undefined;
}

/** Returns the name of the stream that a watcher is on. */
export function streamOf({ name, stream }: Pick<WatchSpec, 'name' | 'stream'>): string {
  return stream ?? name;
}

interface StoredSpec {
  key: string;
  end?: string;
  startRev?: number;
  filters: EventFilter[];
  prevKv: boolean;
  progressNotify?: boolean;
  fragment?: boolean;
  stream?: string;
}

export function decodeWatchSpec(name: Buffer, bytes: Buffer): WatchSpec {
  try {
    const stored = JSON.parse(bytes.toString('utf8')) as StoredSpec;
    return {
      ...stored,
      name: name.toString('utf8'),
      key: fromBase64(stored.key),
      end: stored.end === undefined ? undefined : fromBase64(stored.end),
    };
  } catch (error) {
    throw new MvccwError('CORRUPT', `registered watcher ${JSON.stringify(name.toString('utf8'))} cannot be read`, {
      cause: error,
    });
  }
}

/** Returns the registered watchers, in order of their names. */
export function readWatchSpecs(table: ReadTable): WatchSpec[] {
  return [...table.entries()].map(({ key, value }) => decodeWatchSpec(key, value));
}

/** The longest name. LMDB takes somewhat longer keys. */
const MAX_NAME_BYTES = 512;

/** The name in progress responses that are for all watchers of a stream. */
export const ALL_ON_STREAM = '*';

function checkName(name: string, of: 'watcher' | 'stream'): void {
  if (name === ALL_ON_STREAM && of === 'watcher') throw takenName();
  if (name !== '' && Buffer.byteLength(name) <= MAX_NAME_BYTES && !holdsUnsafe(name)) return;
  throw new MvccwError('USAGE', `${JSON.stringify(name)} cannot be the name of a ${of}`, {
    hint: `a name has 1 to ${MAX_NAME_BYTES} bytes of text without control characters`,
  });
}

function takenName(more = ''): MvccwError {
  return new MvccwError('USAGE', `no watcher can be named ${ALL_ON_STREAM}`, {
    hint: `a response of that name speaks for all watchers of a stream${more}`,
  });
}

/** A watcher as a command line or a file describes it. */
export interface WatchFields extends RangeOptions {
  readonly name: string;
  readonly key: Bytes;
  readonly startRev?: number | undefined;
  readonly filters?: readonly EventFilter[] | undefined;
  readonly prevKv?: boolean | undefined;
  readonly progressNotify?: boolean | undefined;
  readonly fragment?: boolean | undefined;
  readonly stream?: string | undefined;
}

/** Makes a watcher. Throws USAGE when a name is not allowed, or, in `words`, when its range makes no sense. */
export function watchSpecOf(
  { name, key, startRev, filters = [], prevKv = false, progressNotify, fragment, stream, ...more }: WatchFields,
  words?: RequestWords,
): WatchSpec {
  checkName(name, 'watcher');
  if (stream !== undefined) checkName(stream, 'stream');
  const range = watchRangeOf(key, more, words);
  return {
    name,
    ...range,
    ...(startRev !== undefined && { startRev }),
    filters,
    prevKv,
    ...(progressNotify && { progressNotify }),
    ...(fragment && { fragment }),
    ...(stream !== undefined && { stream }),
  };
}

/**
 * Throws USAGE when two watchers of one replay or tree have the same name, or when a registered watcher has the name of all
 * watchers, which older databases may hold.
 */
export function checkDistinctNames(specs: readonly WatchSpec[]): void {
  const names = new Set<string>();
  for (const { name } of specs) {
    if (name === ALL_ON_STREAM) throw takenName(`; remove it with: mvccw watcher remove '${ALL_ON_STREAM}'`);
    if (names.has(name)) {
      throw new MvccwError('USAGE', `two watchers are named ${JSON.stringify(name)}`, {
        hint: 'give each watcher a name of its own, other than the registered ones',
      });
    }
    names.add(name);
  }
}

/** Registers a watcher. The caller is in a write transaction. Throws EXISTS when the name is taken. */
export function addWatchSpec(table: Table, spec: WatchSpec): void {
  const name = Buffer.from(spec.name, 'utf8');
  if (table.get(name) !== undefined) {
    throw new MvccwError('EXISTS', `a watcher named ${JSON.stringify(spec.name)} is already registered`, {
      hint: 'choose another name, or remove it first with: mvccw watcher remove',
    });
  }
  const stored: StoredSpec = {
    key: base64(spec.key),
    ...(spec.end !== undefined && { end: base64(spec.end) }),
    ...(spec.startRev !== undefined && { startRev: spec.startRev }),
    filters: [...spec.filters],
    prevKv: spec.prevKv,
    ...(spec.progressNotify && { progressNotify: true }),
    ...(spec.fragment && { fragment: true }),
    ...(spec.stream !== undefined && { stream: spec.stream }),
  };
  table.put(name, Buffer.from(JSON.stringify(stored)));
}

/** Removes a watcher, even one that cannot be read. The caller is in a write transaction. Throws WATCHER_NOT_FOUND. */
export function removeWatchSpec(table: Table, name: string): void {
  const key = Buffer.from(name, 'utf8');
  if (key.length === 0 || key.length > MAX_NAME_BYTES || table.get(key) === undefined) {
    throw new MvccwError('WATCHER_NOT_FOUND', `no watcher named ${JSON.stringify(name)} is registered`, {
      hint: 'see the names with: mvccw watcher list',
    });
  }
  table.delete(key);
}
