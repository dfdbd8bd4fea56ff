// The disk log is what a process has written, as strace has recorded it, and what it has flushed. From it come images of
// the disk after a power cut: what was flushed is there; of what was not, nothing, all, or some 512-byte sectors.
//
//   a file         its writes are on the disk after fsync or fdatasync of it, or at once if it was opened with O_DSYNC
//   a name         what happens to the names in a directory is on the disk after fsync of that directory; what was not
//                  flushed is there up to some moment, in order

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

type Next = (below: number) => number;

const SECTOR_BYTES = 512;

const CALLS = [
  'openat',
  'write',
  'writev',
  'pwrite64',
  'pwritev',
  'lseek',
  'ftruncate',
  'fdatasync',
  'fsync',
  'rename',
  'link',
  'unlink',
  'mkdir',
  'rmdir',
  'close',
];

/** Returns the words that record a process, to be put before its command line. */
export function recorder(prefix: string): string[] {
  return ['strace', '-ff', '-y', '-xx', '-s', '100000000', '-e', `trace=${CALLS.join(',')}`, '-o', prefix];
}

type Event =
  | {
      readonly kind: 'write';
      readonly file: number;
      readonly at: number;
      readonly bytes: Buffer;
      readonly isSynced: boolean;
    }
  | { readonly kind: 'truncate'; readonly file: number; readonly size: number }
  | { readonly kind: 'sync'; readonly file: number }
  | { readonly kind: 'sync-directory'; readonly path: string }
  /** A name comes to stand for a file or a directory, or for nothing. */
  | {
      readonly kind: 'name';
      readonly path: string;
      readonly file: number | 'directory' | undefined;
      readonly from?: string;
    }
  /** What the process has said on stdout. */
  | { readonly kind: 'said'; readonly text: string };

interface Opened {
  readonly file: number | undefined;
  readonly path: string;
  readonly isSynced: boolean;
  at: number;
}

const unescaped = (text: string) => Buffer.from(text.replaceAll('\\x', ''), 'hex');

export class DiskLog {
  readonly events: Event[] = [];
  private readonly names = new Map<string, number>();
  private readonly open = new Map<number, Opened>();
  private files = 0;

  /** Reads what the main thread has done below `folder`; all paths in the log are relative to it. */
  constructor(
    prefix: string,
    private readonly folder: string,
  ) {
    const names = readdirSync(dirname(prefix)).filter((name) => join(dirname(prefix), name).startsWith(`${prefix}.`));
    const texts = names.map((name) => readFileSync(join(dirname(prefix), name), 'latin1'));
    const said = Buffer.from('{"begins":').reduce(
      (text, byte) => `${text}\\x${byte.toString(16).padStart(2, '0')}`,
      '',
    );
    const main = texts.find((text) => text.includes(said));
    if (main === undefined) throw new Error(`no log of strace at ${prefix} holds what the process has said`);
    for (const line of main.split('\n')) this.read(line);
  }

  private relative(escaped: string): string | undefined {
    const path = unescaped(escaped).toString();
    return path.startsWith(`${this.folder}/`)
      ? path.slice(this.folder.length + 1)
      : path === this.folder
        ? ''
        : undefined;
  }

  private read(line: string): void {
    const call = /^(\w+)\((.*)\)\s+= (-?\d+)/s.exec(line);
    if (call === null || call[3]!.startsWith('-')) return;
    const [, name, rest, result] = call;
    const paths = [...rest!.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, text]) => text!);
    const descriptor = Number(/^\d+/.exec(rest!)?.[0]);
    const [first, second] = paths.map((path) => this.relative(path));
    if (name === 'openat') this.opened(first, rest!, Number(result));
    else if (name === 'close') this.open.delete(descriptor);
    else if (name === 'mkdir') this.named(first, 'directory');
    else if (name === 'rmdir' || name === 'unlink') this.named(first, undefined);
    else if (name === 'link') this.named(second, this.names.get(first ?? ''));
    else if (name === 'rename') this.renamed(first!, second!);
    else this.used(name!, descriptor, rest!, paths, Number(result));
  }

  private opened(path: string | undefined, flags: string, descriptor: number): void {
    if (path === undefined) return;
    if (this.names.get(path) === undefined && flags.includes('O_CREAT')) this.named(path, this.files++);
    const isSynced = flags.includes('O_DSYNC') || flags.includes('O_SYNC');
    this.open.set(descriptor, { file: this.names.get(path), path, isSynced, at: 0 });
  }

  private named(path: string | undefined, file: number | 'directory' | undefined): void {
    if (path === undefined) return;
    if (typeof file === 'number') this.names.set(path, file);
    else this.names.delete(path);
    this.events.push({ kind: 'name', path, file });
  }

  private renamed(from: string, to: string): void {
    const file = this.names.get(from);
    this.names.delete(from);
    if (file !== undefined) this.names.set(to, file);
    this.events.push({ kind: 'name', path: to, file, from });
  }

  /** Takes a call on an open file. */
  private used(name: string, descriptor: number, rest: string, texts: readonly string[], result: number): void {
    if (descriptor === 1) this.events.push({ kind: 'said', text: unescaped(texts[0] ?? '').toString() });
    const opened = this.open.get(descriptor);
    if (opened === undefined) return;
    const { file, path, isSynced } = opened;
    if (name === 'fsync' || name === 'fdatasync') {
      this.events.push(file === undefined ? { kind: 'sync-directory', path } : { kind: 'sync', file });
    } else if (name === 'lseek') {
      opened.at = result;
    } else if (file === undefined) {
      return;
    } else if (name === 'ftruncate') {
      this.events.push({ kind: 'truncate', file, size: Number(/(\d+)$/.exec(rest)![1]) });
    } else {
      const bytes = Buffer.concat(texts.map(unescaped)).subarray(0, result);
      const at = name.startsWith('p') ? Number(/(\d+)$/.exec(rest)![1]) : opened.at;
      if (!name.startsWith('p')) opened.at += bytes.length;
      this.events.push({ kind: 'write', file, at, bytes, isSynced });
    }
  }

  /** Writes the disk as it is after a power cut at an event to `target`. Returns what of the unflushed is on it. */
  lay(end: number, next: Next, target: string): string {
    const how = ['nothing', 'all', 'some writes', 'some sectors'][next(4)]!;
    const contents = new Map<number, Buffer>();
    const waiting = new Map<number, (Event & { kind: 'write' | 'truncate' })[]>();
    const names: { event: Event & { kind: 'name' }; isSynced: boolean }[] = [];
    for (const event of this.events.slice(0, end)) {
      if (event.kind === 'write' && event.isSynced) contents.set(event.file, written(contents.get(event.file), event));
      else if (event.kind === 'write' || event.kind === 'truncate') {
        waiting.set(event.file, [...(waiting.get(event.file) ?? []), event]);
      } else if (event.kind === 'sync') {
        for (const one of waiting.get(event.file) ?? [])
          contents.set(event.file, written(contents.get(event.file), one));
        waiting.delete(event.file);
      } else if (event.kind === 'name') {
        names.push({ event, isSynced: false });
      } else if (event.kind === 'sync-directory') {
        for (const one of names) if (directoryOf(one.event.path) === event.path) one.isSynced = true;
      }
    }
    for (const [file, events] of waiting) {
      for (const event of events) {
        if (how === 'nothing' || (how === 'some writes' && next(2) === 0)) continue;
        contents.set(file, written(contents.get(file), event, how === 'some sectors' ? next : undefined));
      }
    }
    layFiles(namespace(names, next), contents, target);
    return how;
  }
}

const directoryOf = (path: string) => (path.includes('/') ? dirname(path) : '');

/** Returns a file after a write, of which only some sectors may have come to the disk. */
function written(before: Buffer = Buffer.alloc(0), event: Event & { kind: 'write' | 'truncate' }, next?: Next): Buffer {
  if (event.kind === 'truncate') return Buffer.concat([before], event.size);
  const { at, bytes } = event;
  const after = Buffer.concat([before], Math.max(before.length, at + bytes.length));
  for (let from = 0; from < bytes.length; ) {
    const to = Math.min(bytes.length, from + SECTOR_BYTES - ((at + from) % SECTOR_BYTES));
    if (next === undefined || next(2) === 0) bytes.copy(after, at + from, from, to);
    from = to;
  }
  return after;
}

/** Returns the names on the disk: all that are flushed, and in each directory the others up to some moment. */
function namespace(
  names: readonly { event: Event & { kind: 'name' }; isSynced: boolean }[],
  next: Next,
): Map<string, number | 'directory'> {
  const left = new Map<string, number>();
  for (const { event, isSynced } of names) {
    const directory = directoryOf(event.path);
    if (!isSynced) left.set(directory, (left.get(directory) ?? 0) + 1);
  }
  for (const [directory, count] of left) left.set(directory, next(count + 1));
  const found = new Map<string, number | 'directory'>();
  for (const { event, isSynced } of names) {
    const directory = directoryOf(event.path);
    if (!isSynced) {
      const more = left.get(directory)!;
      if (more === 0) continue;
      left.set(directory, more - 1);
    }
    if (event.from !== undefined) found.delete(event.from);
    if (event.file === undefined) found.delete(event.path);
    else found.set(event.path, event.file);
  }
  return found;
}

function layFiles(
  names: ReadonlyMap<string, number | 'directory'>,
  contents: ReadonlyMap<number, Buffer>,
  target: string,
): void {
  const isThere = (path: string): boolean =>
    directoryOf(path) === '' || (names.get(directoryOf(path)) === 'directory' && isThere(directoryOf(path)));
  for (const [path, file] of [...names].sort(([a], [b]) => (a < b ? -1 : 1))) {
    // What is in a directory that is gone is gone too.
    if (!isThere(path)) continue;
    if (file === 'directory') mkdirSync(join(target, path), { recursive: true });
    else writeFileSync(join(target, path), contents.get(file) ?? Buffer.alloc(0));
  }
}
