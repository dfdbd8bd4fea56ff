// Adds up the entries of a log: by what they ask for, by user, by the member that was asked, and by the prefixes of keys.

import type { Operation } from '../../wal/request.js';
import { type Levels, prefixOf } from '../key-prefix.js';
import type { EntryContent, ListedEntry } from './log-listing.js';

export interface EntrySums {
  entries: number;
  /** The entries that made a revision, and those that were refused. */
  revisions: number;
  refused: number;
  /** The entries of which it cannot be told what came of them. */
  unknown: number;
  bytes: number;
}

/** What requests would do to the keys under a prefix. Each branch of a transaction counts, whether it is taken or not. */
export interface PrefixSums {
  puts: number;
  deletions: number;
  /** The bytes of keys and values of puts. */
  bytes: number;
}

const SEPARATOR = '/';
const MAX_PREFIXES = 100_000;

export class LogTotals {
  readonly whole: EntrySums = newSums();
  readonly byRequest = new Map<EntryContent['kind'], EntrySums>();
  readonly byUser = new Map<string, EntrySums>();
  /** By the name of the member that was asked. */
  readonly byMember = new Map<string, EntrySums>();
  private prefixes = new Map<string, PrefixSums>();
  private readonly levels: Levels = { prefix: '', separator: SEPARATOR };

  /** `depth` is the number of levels of a prefix. Where there are too many prefixes, it is lowered. */
  constructor(
    public depth: number,
    private readonly memberOf: (requestId: bigint) => string,
  ) {}

  get byPrefix(): ReadonlyMap<string, PrefixSums> {
    return this.prefixes;
  }

  add(entry: ListedEntry): void {
    const { content, user, requestId } = entry;
    count(this.whole, entry);
    count(sumsIn(this.byRequest, content.kind), entry);
    if ('header' in content) {
      count(sumsIn(this.byUser, user), entry);
      count(sumsIn(this.byMember, this.memberOf(requestId)), entry);
    }
    if (content.kind === 'put' || content.kind === 'deleteRange' || content.kind === 'txn') this.addOperation(content);
    while (this.prefixes.size > MAX_PREFIXES && this.depth > 0) this.lower();
  }

  private addOperation(operation: Operation): void {
    if (operation.kind === 'txn') {
      for (const inner of operation.success) this.addOperation(inner);
      for (const inner of operation.failure) this.addOperation(inner);
    } else if (operation.kind === 'put') {
      const sums = this.prefixSums(operation.key);
      sums.puts++;
      sums.bytes += operation.key.length + operation.valueEnd - operation.valueStart;
    } else if (operation.kind === 'deleteRange') this.prefixSums(operation.key).deletions++;
  }

  private prefixSums(key: string): PrefixSums {
    const prefix = prefixOf(key, this.depth, this.levels);
    let sums = this.prefixes.get(prefix);
    if (sums === undefined) {
      sums = { puts: 0, deletions: 0, bytes: 0 };
      this.prefixes.set(prefix, sums);
    }
    return sums;
  }

  private lower(): void {
    const before = this.prefixes;
    this.depth--;
    this.prefixes = new Map();
    for (const [prefix, { puts, deletions, bytes }] of before) {
      const sums = this.prefixSums(prefix);
      sums.puts += puts;
      sums.deletions += deletions;
      sums.bytes += bytes;
    }
  }
}

function newSums(): EntrySums {
  return { entries: 0, revisions: 0, refused: 0, unknown: 0, bytes: 0 };
}

function sumsIn<K>(map: Map<K, EntrySums>, key: K): EntrySums {
  let sums = map.get(key);
  if (sums === undefined) {
    sums = newSums();
    map.set(key, sums);
  }
  return sums;
}

function count(sums: EntrySums, { sizeBytes, outcome }: ListedEntry): void {
  sums.entries++;
  sums.bytes += sizeBytes;
  if (outcome === undefined) sums.unknown++;
  else if (outcome.revision !== undefined) sums.revisions++;
  else if (outcome.refused) sums.refused++;
}
