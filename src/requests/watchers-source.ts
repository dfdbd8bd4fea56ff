// Names where the watchers of a replay are from, as people write it: kube-apiserver, kube-apiserver:1.31, audit:FILE or
// metrics:FILE.

import { quoteText } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';

export type WatchersSource =
  /** The watches of an apiserver, of release 1.`minor`; undefined for the newest that is known. */
  | { readonly from: 'kube-apiserver'; readonly minor: number | undefined }
  /** The audit log of an apiserver. */
  | { readonly from: 'audit'; readonly path: string }
  /** The metrics of an apiserver or of etcd. */
  | { readonly from: 'metrics'; readonly path: string };

const HINT = 'write kube-apiserver, kube-apiserver:1.31, audit:FILE or metrics:FILE';

/** Reads where watchers are from; `locate` makes a path of the one that is written. Throws USAGE. */
export function parseWatchersSource(text: string, locate = (path: string): string => path): WatchersSource {
  const [, from, rest] = /^(kube-apiserver|audit|metrics)(?::(.*))?$/s.exec(text) ?? [];
  if (from === 'kube-apiserver') {
    if (rest === undefined) return { from, minor: undefined };
    const [, minor] = /^v?1\.([0-9]{1,3})(?:\.[0-9]+)?$/.exec(rest) ?? [];
    if (minor !== undefined) return { from, minor: Number(minor) };
  } else if ((from === 'audit' || from === 'metrics') && rest) {
    return { from, path: locate(rest) };
  }
  throw new MvccwError('USAGE', `${quoteText(text)} names no watchers`, { hint: HINT });
}

export function formatWatchersSource(source: WatchersSource): string {
  if (source.from !== 'kube-apiserver') return `${source.from}:${source.path}`;
  return source.minor === undefined ? source.from : `${source.from}:1.${source.minor}`;
}
