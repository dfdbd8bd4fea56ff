// Opens the write-ahead log of an etcd server: the segments in DATA-DIR/member/wal. They are only read, and never locked.
// The server may run: then the log is read up to what it has written by now.

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MvccwError } from '../errors.js';
import type { RaftLog } from '../wal/raft-log.js';
import { readLog } from '../wal/read-log.js';
import { parseSegmentName, type SegmentSource } from '../wal/segment.js';
import { statOf } from './database-path.js';
import { ioError } from './io-error.js';
import type { Listener } from './listener.js';
import { ReadOnlyFile } from './read-only-file.js';

/** Where the log is, in a data directory and in `member` of one; or it is the directory itself. */
const PLACES = [join('member', 'wal'), 'wal', ''];

/** How often the directory is listed again, because a server has removed a segment of it in between. */
const MAX_LISTINGS = 3;

export interface OpenLog {
  readonly directory: string;
  readonly raft: RaftLog;
  close(): void;
}

/** Returns the directory with the segments of the log that a path names; undefined if it names none. */
export function logDirectoryIn(given: string): string | undefined {
  return PLACES.map((place) => join(given, place)).find((path) => segmentNames(path).length > 0);
}

/** Opens and reads the log that a path names: a data directory, `member` in it, or the directory of the log. */
export function openLog(given: string, { onProgress }: Listener = {}): OpenLog {
  const directory = logDirectoryIn(given);
  if (directory === undefined) throw noLog(given);
  const files = openSegments(directory);
  const close = () => {
    for (const file of files) file.close();
  };
  try {
    const total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const raft = readLog(files, (position) => onProgress?.(`reading ${directory}`, position, total));
    return { directory, raft, close };
  } catch (error) {
    close();
    throw error;
  }
}

export function noLog(given: string): MvccwError {
  if (statOf(given) === undefined) {
    return new MvccwError('IO', `there is no directory ${given}`, { hint: 'check the path' });
  }
  return new MvccwError('FORMAT', `${given} holds no write-ahead log of an etcd server`, {
    hint: "name a server's data directory, or the directory of its files ….wal (etcd --wal-dir)",
  });
}

/** Returns the names of the segments in a directory; none if it cannot be read as one. */
function segmentNames(directory: string): string[] {
  if (statOf(directory)?.isDirectory() !== true) return [];
  try {
    return readdirSync(directory).filter((name) => parseSegmentName(name) !== undefined);
  } catch (error) {
    throw ioError(error, `cannot read ${directory}`);
  }
}

function openSegments(directory: string): LogFile[] {
  for (let listing = 1; ; listing++) {
    const files: LogFile[] = [];
    let name = '';
    try {
      for (name of segmentNames(directory)) files.push(new LogFile(join(directory, name), name));
      return files;
    } catch (error) {
      for (const file of files) file.close();
      if (listing === MAX_LISTINGS || existsSync(join(directory, name))) throw error;
    }
  }
}

/** A segment on disk. A server that goes on to the next segment cuts the zeros off the last one, also while it is read. */
class LogFile implements SegmentSource {
  private readonly file: ReadOnlyFile;

  constructor(
    path: string,
    readonly name: string,
  ) {
    this.file = new ReadOnlyFile(path);
  }

  get sizeBytes(): number {
    return this.file.sizeBytes;
  }

  read(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafeSlow(length);
    this.readInto(bytes, offset);
    return bytes;
  }

  readInto(bytes: Buffer, offset: number): void {
    bytes.fill(0, this.file.readWhatIsThere(bytes, offset));
  }

  close(): void {
    this.file.close();
  }
}
