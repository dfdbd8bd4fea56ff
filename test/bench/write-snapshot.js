// @ts-check
// This module writes large etcd snapshots with the built code: pods in 100 namespaces are put in turn, one a revision, and
// now and then deleted and made again. The values are JSON objects of Kubernetes, by default of about 2,000 bytes, and some
// of 50,000. The same arguments make the same bytes, and memory does not grow with the file.

import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { random } from '../support/random.js';
import { built, NAMESPACES, namespace, namespaceName } from './write-history.js';

/** @type {typeof import('../../src/bbolt/bolt-writer.js')} */
const { BoltWriter } = await built('bbolt/bolt-writer.js');
/** @type {typeof import('../../src/mvcc/key-value.js')} */
const { encodeKeyValue, encodeTombstone } = await built('mvcc/key-value.js');
/** @type {typeof import('../../src/mvcc/revision.js')} */
const { encodeRevisionKey } = await built('mvcc/revision.js');

const FIRST_REV = 2;
/** A pod lives for so many rounds, in the last of which it is deleted. */
const LIFE_ROUNDS = 25;
const LARGE_VALUE_BYTES = 50_000;
/** @type {Shape} */
const LARGE_VALUES = { pods: 20_000, valueBytes: 1800, largeValueBytes: LARGE_VALUE_BYTES };
/** Each value of so many is a large one. */
const LARGE_EVERY = 300;
const CHUNK_BYTES = 1024 * 1024;
const BUCKETS_BEFORE = ['alarm', 'auth', 'authRoles', 'authUsers', 'cluster'];
const BUCKETS_BEHIND = ['lease', 'members', 'members_removed'];

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/**
 * @typedef {object} Shape
 * @property {number} pods the number of keys
 * @property {number} valueBytes the length of the larger part of most values
 * @property {number} largeValueBytes that of some
 */

/** Returns text from which the values are cut. */
function pool() {
  const draw = random(1);
  return Array.from({ length: 2 * LARGE_VALUE_BYTES }, () => LETTERS[draw(LETTERS.length)]).join('');
}

/** @param {number} value */
function u64(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/**
 * @param {string} path
 * @param {number} revisions
 * @param {Shape} [shape]
 */
export function writeSnapshot(path, revisions, shape = LARGE_VALUES) {
  const descriptor = openSync(path, 'wx+');
  const write = (/** @type {number} */ offset, /** @type {Buffer} */ bytes) => {
    for (let done = 0; done < bytes.length; )
      done += writeSync(descriptor, bytes, done, bytes.length - done, offset + done);
  };
  const writer = new BoltWriter({ write });
  for (const name of BUCKETS_BEFORE) writer.beginBucket(name);
  writer.beginBucket('key');
  putRecords(writer, revisions, shape);
  for (const name of BUCKETS_BEHIND) writer.beginBucket(name);
  writer.beginBucket('meta');
  writer.put(Buffer.from('consistent_index'), u64(revisions));
  writer.put(Buffer.from('term'), u64(2));
  const sizeBytes = writer.end();
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (let done = 0; done < sizeBytes; ) {
    const got = readSync(descriptor, chunk, 0, Math.min(chunk.length, sizeBytes - done), done);
    hash.update(chunk.subarray(0, got));
    done += got;
  }
  write(sizeBytes, hash.digest());
  closeSync(descriptor);
}

/**
 * @param {import('../../src/bbolt/bolt-writer.js').BoltWriter} writer
 * @param {number} revisions
 * @param {Shape} shape
 */
function putRecords(writer, revisions, { pods, valueBytes, largeValueBytes }) {
  const text = pool();
  for (let i = 0; i < revisions; i++) {
    const pod = i % pods;
    const round = Math.floor(i / pods);
    const name = `pod-${String(pod).padStart(6, '0')}`;
    const key = `${namespace(pod % NAMESPACES)}${name}`;
    const main = i + FIRST_REV;
    // Pods are of different ages, so that each round deletes some.
    const age = (round + (pod % (LIFE_ROUNDS - 1))) % LIFE_ROUNDS;
    const lived = Math.min(age, round);
    if (age === LIFE_ROUNDS - 1 && lived > 0) {
      writer.put(encodeRevisionKey({ main, sub: 0 }, true), encodeTombstone(key));
      continue;
    }
    const createRevision = main - lived * pods;
    const size = i % LARGE_EVERY === 0 ? largeValueBytes : valueBytes;
    const from = (i * 7919) % LARGE_VALUE_BYTES;
    const metadata = {
      name,
      namespace: namespaceName(pod % NAMESPACES),
      uid: String(createRevision),
      generation: lived + 1,
    };
    const object = { kind: 'Pod', apiVersion: 'v1', metadata, spec: { nodeName: text.slice(from, from + size) } };
    const value = Buffer.from(JSON.stringify(object));
    const kv = { key, createRevision, modRevision: main, version: lived + 1, value, lease: 0n };
    writer.put(encodeRevisionKey({ main, sub: 0 }), encodeKeyValue(kv));
  }
}
