// Tells what an entry of the log asked for, and who asked.

import { MvccwError } from '../../../errors.js';
import { decodeRequest } from '../../../wal/decode-request.js';
import { NORMAL, type RaftLog } from '../../../wal/raft-log.js';
import type { RaftRequest } from '../../../wal/request.js';
import type { NamedEntry } from './log-finding.js';

/** Returns an entry by its index; undefined if the log does not have it. */
export function namedEntry(raft: RaftLog, index: number | undefined): NamedEntry | undefined {
  const entry = index === undefined ? undefined : raft.entry(index);
  if (entry === undefined) return undefined;
  const { term, type, dataPosition, dataLength } = entry;
  const named = { index: entry.index, term, request: 'confChange', user: '', requestId: 0n };
  if (type !== NORMAL) return named;
  if (dataLength === 0) return { ...named, request: 'noOp' };
  const request = readableRequest(raft.read(dataPosition, dataLength));
  if (request === undefined) return { ...named, request: 'unreadable' };
  return { ...named, request: request.kind, user: request.header.user, requestId: request.header.id };
}

/** Returns the request of an entry; undefined if it cannot be read. */
export function readableRequest(data: Buffer): RaftRequest | undefined {
  try {
    return decodeRequest(data);
  } catch (error) {
    if (error instanceof MvccwError && error.code === 'CORRUPT') return undefined;
    throw error;
  }
}
