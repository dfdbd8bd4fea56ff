// This module brings the output and the arguments of etcdctl into a form that mvccw's output can be compared with.

import { createHash } from 'node:crypto';
import { parseExactly } from './snapshots.js';

/** These fields exist in a cluster but not in a file. */
const OF_THE_CLUSTER = ['cluster_id', 'member_id', 'raft_term'];
/** The recorder replaced values with more base64 characters than this by their digests. */
const MAX_VALUE_CHARS = 256;

function comparableValue(base64: string): string {
  if (base64.length <= MAX_VALUE_CHARS || base64.startsWith('sha256:')) return base64;
  const bytes = Buffer.from(base64, 'base64');
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}:${bytes.length}`;
}

/** Returns parsed JSON without the ids of the cluster and with digests in place of long values. */
export function comparable(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(comparable);
  if (typeof json !== 'object' || json === null) return json;
  const kept = Object.entries(json).filter(([name]) => !OF_THE_CLUSTER.includes(name));
  return Object.fromEntries(
    kept.map(([name, value]) => [
      name,
      name === 'value' && typeof value === 'string' ? comparableValue(value) : comparable(value),
    ]),
  );
}

/** Returns a line of mvccw's JSON in comparable form. */
export function comparableLine(line: string): unknown {
  return comparable(parseExactly(line));
}

export interface ToolArguments {
  readonly key: string;
  readonly end: string | undefined;
  /** The options are keyed by name, without the dashes; an option without a value has ''. */
  readonly options: ReadonlyMap<string, string>;
}

/** Parses the arguments of `etcdctl get` and `etcdctl watch`: KEY [END] and options. */
export function toolArguments(args: readonly string[]): ToolArguments {
  const [key = '', end] = args.filter((arg) => !arg.startsWith('--'));
  const options = args
    .filter((arg) => arg.startsWith('--'))
    .map((arg): [string, string] => {
      const [name = '', value = ''] = arg.slice(2).split('=');
      return [name, value];
    });
  return { key, end, options: new Map(options) };
}
