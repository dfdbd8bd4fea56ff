// @ts-check
// This module writes long write-ahead logs with the built code: what an apiserver does to small objects. Of a hundred
// entries 79 are transactions that put an object if its modRevision is the expected one, ten are puts, ten delete an object,
// and one grants a lease. The same number of entries makes the same bytes.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { built } from './write-history.js';

/** @type {typeof import('../../src/bytes/crc32c.js')} */
const { crc32c } = await built('bytes/crc32c.js');

const SEGMENT_BYTES = 64_000_000;
/** No frame is longer. */
const MAX_FRAME_BYTES = 2048;
const NODE_ID = 0x8e9e05c52164694dn;
/** What the ids of requests begin with: the low bits of the member, and a time. */
const ID_BASE = ((NODE_ID & 0xffffn) << 48n) | (0x19ac000000n << 8n);
const PODS = 20_000;
/** A little less than the smallest objects have that a cluster writes again and again, its leases. */
const VALUE_BYTES = 250;
const VALUE = Buffer.from(
  JSON.stringify({ kind: 'Pod', apiVersion: 'v1', spec: { nodeName: 'n'.repeat(VALUE_BYTES) } }),
);
const STATE_EVERY = 4;

/** Writes the fields of a message behind one another. */
class Fields {
  bytes = Buffer.alloc(MAX_FRAME_BYTES);
  length = 0;

  /** @param {number} number */
  varint(number) {
    let rest = number;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.bytes[this.length++] = (rest % 0x80) | 0x80;
    this.bytes[this.length++] = rest;
  }

  /** @param {number} field @param {number} value */
  number(field, value) {
    this.varint(field * 8);
    this.varint(value);
  }

  /** @param {number} field @param {bigint} value */
  bigint(field, value) {
    this.varint(field * 8);
    let rest = value;
    for (; rest >= 0x80n; rest >>= 7n) this.bytes[this.length++] = Number(rest & 0x7fn) | 0x80;
    this.bytes[this.length++] = Number(rest);
  }

  /** @param {number} field @param {Buffer} block */
  block(field, block) {
    this.varint(field * 8 + 2);
    this.varint(block.length);
    block.copy(this.bytes, this.length);
    this.length += block.length;
  }

  /** Returns what was written, and begins anew. */
  take() {
    const taken = Buffer.from(this.bytes.subarray(0, this.length));
    this.length = 0;
    return taken;
  }
}

const fields = new Fields();

/** @param {(fields: Fields) => void} write */
function message(write) {
  write(fields);
  return fields.take();
}

class Segments {
  bytes = Buffer.alloc(SEGMENT_BYTES);
  at = 0;
  crc = 0;
  sequence = 0;
  index = 0;

  /** @param {string} folder */
  constructor(folder) {
    this.folder = folder;
    this.begin();
  }

  begin() {
    this.bytes.fill(0);
    this.at = 0;
    this.record(4, undefined);
    this.record(
      1,
      message((to) => to.bigint(1, NODE_ID)),
    );
    if (this.sequence === 0)
      this.record(
        5,
        message((to) => [to.number(1, 0), to.number(2, 0)]),
      );
  }

  /** @param {number} type @param {Buffer | undefined} data */
  record(type, data) {
    if (data !== undefined) this.crc = crc32c(data, this.crc);
    fields.number(1, type);
    fields.number(2, this.crc);
    if (data !== undefined) fields.block(3, data);
    const { length } = fields;
    const padding = -length & 7;
    this.bytes.writeUInt32LE(length, this.at);
    if (padding > 0) this.bytes[this.at + 7] = 0x80 | padding;
    fields.bytes.copy(this.bytes, this.at + 8, 0, length);
    fields.length = 0;
    this.at += 8 + length + padding;
  }

  /** @param {Buffer} data */
  entry(data) {
    this.index++;
    const { index } = this;
    this.record(
      2,
      message((to) => [to.number(1, 0), to.number(2, 2), to.number(3, index), to.block(4, data)]),
    );
    if (index % STATE_EVERY === 0) this.saveState();
    if (this.at > SEGMENT_BYTES - 2 * MAX_FRAME_BYTES) this.cut();
  }

  saveState() {
    this.record(
      3,
      message((to) => [to.number(1, 2), to.bigint(2, NODE_ID), to.number(3, this.index)]),
    );
  }

  /** @param {number} [end] */
  write(end) {
    const [sequence, index] = [this.sequence, this.firstIndex].map((number) => number.toString(16).padStart(16, '0'));
    writeFileSync(join(this.folder, `${sequence}-${index}.wal`), this.bytes.subarray(0, end));
  }

  firstIndex = 0;

  cut() {
    this.write(this.at);
    this.sequence++;
    this.firstIndex = this.index + 1;
    this.begin();
    this.saveState();
  }
}

/** @param {number} entry @param {number} field @param {Buffer} request */
function requestData(entry, field, request) {
  const header = message((to) => to.bigint(1, ID_BASE + BigInt(entry)));
  return message((to) => [to.block(field, request), to.block(100, header)]);
}

/**
 * Writes `member/wal` of a data directory.
 * @param {string} directory @param {number} entries
 */
export function writeLog(directory, entries) {
  const folder = join(directory, 'member', 'wal');
  mkdirSync(folder, { recursive: true });
  const segments = new Segments(folder);
  /** @type {number[]} the newest revision of each pod; 0 if there is none */
  const newest = new Array(PODS).fill(0);
  let revision = 1;
  for (let entry = 1; entry <= entries; entry++) {
    const pod = (entry * 7919) % PODS;
    const key = Buffer.from(`/registry/pods/namespace-${pod % 100}/pod-${pod}`);
    const kind = entry % 100;
    const put = message((to) => [to.block(1, key), to.block(2, VALUE)]);
    if (kind === 0) {
      const grant = message((to) => [to.number(1, 3600), to.number(2, entry)]);
      segments.entry(requestData(entry, 8, grant));
    } else if (kind <= 10) {
      const deletion = message((to) => to.block(1, key));
      segments.entry(requestData(entry, 5, deletion));
      if (newest[pod] !== 0) revision++;
      newest[pod] = 0;
    } else if (kind <= 20) {
      segments.entry(requestData(entry, 4, put));
      newest[pod] = ++revision;
    } else {
      const expected = newest[pod] ?? 0;
      const compare = message((to) => [to.number(2, 2), to.block(3, key), to.number(6, expected)]);
      const success = message((to) => to.block(2, put));
      const failure = message((to) => to.block(1, key));
      const get = message((to) => to.block(1, failure));
      const txn = message((to) => [to.block(1, compare), to.block(2, success), to.block(3, get)]);
      segments.entry(requestData(entry, 6, txn));
      newest[pod] = ++revision;
    }
  }
  segments.saveState();
  segments.write();
  return revision;
}
