// This module reads fixtures/k8s-35: a database that the real libraries of Kubernetes wrote to, and what those libraries
// printed of each object in it.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { BoltFile } from '../../src/bbolt/bolt-file.js';
import { allRecords } from '../../src/mvcc/record.js';
import { BucketTable } from '../../src/storage/bucket-table.js';
import { MemorySource } from '../bbolt/make-file.js';
import { projectFile } from './root.js';

/** This is an object as Kubernetes' own libraries read it. */
export interface ExpectedObject {
  readonly rev: number;
  readonly key: string;
  /** A plain value is no object. */
  readonly encoding: 'protobuf' | 'json' | 'cbor' | 'encrypted' | 'plain';
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly managers: readonly object[];
  /** The whole object; absent where the libraries could not decode it. */
  readonly object?: { readonly metadata: { readonly labels?: object } };
}

const FOLDER = projectFile('fixtures/k8s-35/');

export function expectedObjects(): ExpectedObject[] {
  const lines = gunzipSync(readFileSync(join(FOLDER, 'objects.jsonl.gz')))
    .toString()
    .trimEnd()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as ExpectedObject);
}

const databaseBytes = (): Buffer => gunzipSync(readFileSync(join(FOLDER, 'db.gz')));

/** Returns the values of all puts, by revision and key, as `7 /registry/…`. */
export function kubeValues(): Map<string, Buffer> {
  const table = new BucketTable(new BoltFile(new MemorySource(databaseBytes())).bucket('key'));
  const puts = Array.from(allRecords(table)).filter(({ tombstone }) => !tombstone);
  return new Map(puts.map((record) => [`${record.main} ${record.key}`, Buffer.from(record.keyValue().value)]));
}

/** Writes the database into a folder and returns its path. */
export function unpackKubeDatabase(folder: string): string {
  const path = join(folder, 'k8s-35.db');
  writeFileSync(path, databaseBytes());
  return path;
}
