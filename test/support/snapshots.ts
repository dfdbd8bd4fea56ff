// This module reads the real etcd databases in fixtures/snapshots, each with what etcd's own tools reported about it.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { projectFile } from './root.js';

const FOLDER = projectFile('fixtures/snapshots/');

/** This is a bucket as the bbolt library sees it. */
export interface ExpectedBucket {
  name: string;
  keys: number;
  keyBytes: number;
  valueBytes: number;
  maxValue: number;
  /** The digest covers every key and every value, each preceded by its length as u32 BE. */
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

/** A tool printed this with -w json; it is `{text}` if not JSON. Integers of 16 or more digits are strings. */
type ToolOutput = unknown;

export interface Expected {
  name: string;
  about: string;
  server: string;
  currentRevision: number;
  compactRevision: number;
  /** The db file of a stopped server names the snapshot here that was taken of it. */
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

/** Returns what is expected of a snapshot; undefined for bench-100k, which is only for measuring. */
export function expectedOf(name: string): Expected | undefined {
  if (name === 'bench-100k') return undefined;
  return parseExactly(gunzipSync(readFileSync(join(FOLDER, name, 'expected.json.gz'))).toString()) as Expected;
}

/** Parses JSON like JSON.parse, but turns integers too long to be exact numbers into strings. */
export function parseExactly(json: string): unknown {
  const stringsAndNumbers = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  return JSON.parse(json.replace(stringsAndNumbers, (token) => (/^-?\d{16,}$/.test(token) ? `"${token}"` : token)));
}
