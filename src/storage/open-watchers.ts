// Reads what the watchers of an apiserver follow from: the keys of a history, an audit log, metrics.

import { fromUtf8 } from '../bytes/byte-string.js';
import { quoteText } from '../bytes/key-text.js';
import { MvccwError, naming } from '../errors.js';
import type { History } from '../mvcc/history.js';
import { AuditedWatches } from '../replay/scenario/apiserver/audit-line.js';
import {
  type DerivedWatchers,
  derivedWatchers,
  type ReplayStart,
} from '../replay/scenario/apiserver/derived-watchers.js';
import { type MetricCounts, MetricReader } from '../replay/scenario/apiserver/metric-counts.js';
import { resourcePrefixes } from '../replay/scenario/apiserver/resource-prefixes.js';
import type { Conditions } from '../replay/scenario/scenario.js';
import type { WatchersSource } from '../requests/watchers-source.js';
import { linesOf, piecesOf } from './lines.js';
import { unpackedPieces } from './unpacked-pieces.js';

/** A line of an audit log may hold a whole object. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

export interface ApiserverSource {
  readonly sources: readonly WatchersSource[];
  readonly etcdPrefix: string | undefined;
}

/** Returns where a scenario has its other watchers from; undefined when there are none. Throws USAGE for a prefix alone. */
export function apiserverSource(conditions: Conditions | undefined): ApiserverSource | undefined {
  const { watchersFrom: sources = [], etcdPrefix } = conditions ?? {};
  if (etcdPrefix !== undefined && sources.length === 0) {
    throw new MvccwError('USAGE', `${quoteText(etcdPrefix)} is the prefix of an apiserver without watchers`, {
      hint: 'ask for them with --watchers, or watchersFrom in a scenario',
    });
  }
  return sources.length === 0 ? undefined : { sources, etcdPrefix };
}

/** Returns what makes the watchers, once it is known where the replay starts. Throws USAGE, FORMAT or IO. */
export async function openWatchers(
  { sources, etcdPrefix }: ApiserverSource,
  history: History,
): Promise<(start: ReplayStart) => DerivedWatchers> {
  const prefixes = resourcePrefixes(history, etcdPrefix);
  const audit = new AuditedWatches();
  const counts: MetricCounts[] = [];
  let minor: number | undefined;
  for (const source of sources) {
    if (source.from === 'kube-apiserver') minor = sameRelease(minor, source.minor);
    else if (source.from === 'audit') await readLines(source.path, (line) => audit.add(line));
    else counts.push(await readCounts(source.path));
  }
  return (start) => derivedWatchers({ prefixes, minor, audited: audit.all, counts }, start);
}

/** Returns the release of the one apiserver that is played, from 1.`minor`. Throws USAGE for two. */
function sameRelease(before: number | undefined, minor: number | undefined): number | undefined {
  if (before === undefined || minor === undefined || before === minor) return minor ?? before;
  throw new MvccwError('USAGE', `kube-apiserver is named with two releases, 1.${before} and 1.${minor}`, {
    hint: 'the watches of one apiserver are played',
  });
}

async function readCounts(path: string): Promise<MetricCounts> {
  const reader = new MetricReader();
  await readLines(path, (line) => reader.add(line));
  return reader.finish(path);
}

async function readLines(path: string, read: (line: string) => void): Promise<void> {
  const tooLong = () => new MvccwError('FORMAT', `a line of ${path} has more than ${MAX_LINE_BYTES} bytes`);
  let number = 0;
  for await (const line of linesOf(unpackedPieces(piecesOf(path)), MAX_LINE_BYTES, tooLong)) {
    number++;
    naming(`${path}:${number}`, () => read(fromUtf8(line)));
  }
}
