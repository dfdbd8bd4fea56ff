// Real etcd databases in fixtures/snapshots, each with what etcd's own tools said of it.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { projectFile } from './root.js';

const FOLDER = projectFile('fixtures/snapshots/');

/** A bucket as the bbolt library sees it. */
export interface ExpectedBucket {
  name: string;
  keys: number;
  keyBytes: number;
  valueBytes: number;
  maxValue: number;
  /** Over each key and each value with its length as u32 BE before it. */
  sha256: string;
  sequence: number;
  depth: number;
  branchPages: number;
  branchOverflowPages: number;
  leafPages: number;
  leafOverflowPages: number;
  inline: boolean;
  firstKeyHex?: string;
  lastKeyHex?: string;
  records?: { key: string; value: string }[];
}

interface ExpectedBolt {
  fileSize: number;
  pageSize: number;
  txSize: number;
  txid: number;
  freePages: number;
  pendingPages: number;
  pagesByType: Record<string, number>;
  buckets: ExpectedBucket[];
}

/** What a tool printed with -w json; `{text}` if it was not JSON. Integers of 16 or more digits are strings. */
type ToolOutput = unknown;

export interface Expected {
  name: string;
  about: string;
  server: string;
  currentRevision: number;
  compactRevision: number;
  /** For the db file of a stopped server: the snapshot that was taken of it. */
  sameContentsAs?: string;
  bolt: ExpectedBolt;
  file: { size: number; sha256: string; trailingSha256: boolean };
  snapshotStatus: { tool: string; exit: number; result: Record<string, number>; stderr: string };
  snapshotStatus34?: { tool: string; exit: number; result: Record<string, number>; stderr: string };
  gets?: { args: string[]; exit: number; result: ToolOutput }[];
  watches?: { args: string[]; responses: ToolOutput[] }[];
  hashkv?: { rev: number | null; exit: number; result: ToolOutput; stderr: string }[];
  leases?: ToolOutput[];
  endpointStatus?: ToolOutput[];
}

export function snapshotNames(): string[] {
  return readdirSync(FOLDER).sort();
}

export function snapshotBytes(name: string): Buffer {
  return gunzipSync(readFileSync(join(FOLDER, name, 'db.gz')));
}

/** Writes the database into a folder and returns its path. */
export function unpackSnapshot(name: string, folder: string): string {
  const path = join(folder, `${name}.db`);
  writeFileSync(path, snapshotBytes(name));
  return path;
}

/** Undefined for bench-100k, which is there for measuring. */
export function expectedOf(name: string): Expected | undefined {
  if (name === 'bench-100k') return undefined;
  return parseExactly(gunzipSync(readFileSync(join(FOLDER, name, 'expected.json.gz'))).toString()) as Expected;
}

/** JSON.parse, but integers too long to be exact numbers become strings. */
export function parseExactly(json: string): unknown {
  const stringsAndNumbers = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  return JSON.parse(json.replace(stringsAndNumbers, (token) => (/^-?\d{16,}$/.test(token) ? `"${token}"` : token)));
}
