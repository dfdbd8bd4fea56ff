// Reads what an etcd file says of its cluster: the buckets beside the records. Answers about keys do not depend on them,
// so damage there is told as a problem, and does not keep anything from being read.

import { quoteKey } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';
import type { Entry } from '../mvcc/backend.js';
import { ProtoReader, VARINT } from '../mvcc/protobuf.js';

export interface Member {
  /** In hexadecimal, as etcdctl prints it. */
  readonly id: string;
  /** Empty for a member that has been added and has never started. */
  readonly name: string;
  readonly peerURLs: readonly string[];
  readonly clientURLs: readonly string[];
  readonly isLearner: boolean;
}

interface Alarm {
  /** The id of the member that raised it. */
  readonly member: string;
  readonly alarm: string;
}

export interface AuthState {
  readonly enabled: boolean;
  readonly revision: number | undefined;
  readonly users: number;
  readonly roles: number;
}

export interface ClusterInfo {
  /** The version of the layout of the file, from etcd 3.6 on. */
  readonly storageVersion: string | undefined;
  /** The index of the newest log entry that is in the file. */
  readonly consistentIndex: number | undefined;
  /** The term of that entry, from etcd 3.5 on. */
  readonly term: number | undefined;
  readonly members: readonly Member[];
  /** The ids of members that were removed. They cannot come back. */
  readonly removedMembers: readonly string[];
  readonly alarms: readonly Alarm[];
  readonly auth: AuthState;
  /** One sentence for each record that cannot be read. */
  readonly problems: readonly string[];
}

/** Returns the entries of a bucket; none if the file has no bucket of that name. */
export type Buckets = (name: string) => Iterable<Entry>;

/** Reads what the buckets say of the cluster. Throws CORRUPT if the pages of one cannot be read. */
export function readCluster(buckets: Buckets): ClusterInfo {
  const problems: string[] = [];
  /** Decodes the entries of a bucket; those that cannot be decoded are told and left out. */
  const decoded = <T>(bucket: string, decode: (entry: Entry) => T): T[] => {
    const values: T[] = [];
    for (const entry of buckets(bucket)) {
      try {
        values.push(decode(entry));
      } catch (error) {
        if (!(error instanceof MvccwError)) throw error;
        problems.push(`bucket '${bucket}', record ${quoteKey(entry.key.toString('latin1'))}: ${error.message}`);
      }
    }
    return values;
  };
  const named = <T>(bucket: string, name: string, decode: (value: Buffer) => T): T | undefined =>
    decoded(bucket, ({ key, value }) => (key.toString('latin1') === name ? decode(value) : undefined)).find(
      (value) => value !== undefined,
    );
  return {
    storageVersion: named('meta', 'storageVersion', (value) => value.toString('latin1')),
    consistentIndex: named('meta', 'consistent_index', decodeNumber),
    term: named('meta', 'term', decodeNumber),
    members: decoded('members', decodeMember),
    removedMembers: decoded('members_removed', ({ key }) => decodeId(key)),
    alarms: decoded('alarm', ({ key }) => decodeAlarm(key)),
    auth: {
      enabled: named('auth', 'authEnabled', decodeFlag) ?? false,
      revision: named('auth', 'authRevision', decodeNumber),
      users: count(buckets('authUsers')),
      roles: count(buckets('authRoles')),
    },
    problems,
  };
}

function count(entries: Iterable<Entry>): number {
  let number = 0;
  for (const _ of entries) number++;
  return number;
}

function corrupt(what: string): MvccwError {
  return new MvccwError('CORRUPT', what);
}

const NUMBER_BYTES = 8;

function decodeNumber(value: Buffer): number {
  if (value.length !== NUMBER_BYTES) throw corrupt(`a number has ${NUMBER_BYTES} bytes, and this has ${value.length}`);
  const number = value.readBigUInt64BE();
  if (number > BigInt(Number.MAX_SAFE_INTEGER)) throw corrupt(`${number} is beyond 2^53`);
  return Number(number);
}

function decodeFlag(value: Buffer): boolean {
  if (value.length === 1 && value[0]! <= 1) return value[0] === 1;
  throw corrupt(`0x${value.toString('hex')} is neither 00 nor 01`);
}

/** An id is the name of its record, in hexadecimal without zeros at the front. */
function decodeId(key: Buffer): string {
  const id = key.toString('latin1');
  if (/^[1-9a-f][0-9a-f]{0,15}$/.test(id)) return id;
  throw corrupt('its name is no id of a member, which is a number in hexadecimal');
}

function decodeMember({ key, value }: Entry): Member {
  const id = decodeId(key);
  const text = value.toString('utf8');
  const fields = parseObject(text);
  const said = /"id":\s*(\d+)/.exec(text)?.[1];
  if (said === undefined || BigInt(said).toString(16) !== id) throw corrupt(`it is the member ${said}, by its own id`);
  const { name = '', peerURLs = [], clientURLs = [], isLearner = false } = fields;
  if (typeof name !== 'string' || !isTexts(peerURLs) || !isTexts(clientURLs) || typeof isLearner !== 'boolean') {
    throw corrupt('name, peerURLs, clientURLs or isLearner is of another type than etcd writes');
  }
  return { id, name, peerURLs, clientURLs, isLearner };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>;
  } catch {
    // The text itself is of little help in a message.
  }
  throw corrupt('it is no object in JSON');
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** The alarms by their number. */
const ALARMS: readonly string[] = ['NONE', 'NOSPACE', 'CORRUPT'];

const ALARM_READER = new ProtoReader('alarm', [VARINT, VARINT]);

/** Decodes the name of an alarm's record, an etcdserverpb.AlarmMember: 1 is the member, 2 the alarm. */
function decodeAlarm(key: Buffer): Alarm {
  let member = 0n;
  let alarm = 0;
  ALARM_READER.open(key);
  for (let field = ALARM_READER.next(); field !== 0; field = ALARM_READER.next()) {
    if (field === 1) member = BigInt.asUintN(64, ALARM_READER.int64());
    else alarm = ALARM_READER.number();
  }
  return { member: member.toString(16), alarm: ALARMS[alarm] ?? `alarm ${alarm}` };
}
