// Describes the one line of `mvccw status -w json`. Its kind is that of the database. Unlike the lines of newer commands
// it does not name the version of the format.

import { COUNT, TEXT, TEXTS } from './formats/inspection-line.js';

const FLAG = { type: 'boolean' };
const MEMBER_ID = { ...TEXT, description: 'the id of a member, in hexadecimal' };

const MEMBER = {
  type: 'object',
  required: ['id', 'name', 'peerURLs', 'clientURLs', 'isLearner'],
  properties: { id: MEMBER_ID, name: TEXT, peerURLs: TEXTS, clientURLs: TEXTS, isLearner: FLAG },
};

const ALARM = {
  type: 'object',
  required: ['member', 'alarm'],
  properties: { member: MEMBER_ID, alarm: { ...TEXT, description: 'NOSPACE or CORRUPT' } },
};

const AUTH = {
  type: 'object',
  required: ['enabled', 'users', 'roles'],
  properties: { enabled: FLAG, revision: COUNT, users: COUNT, roles: COUNT },
};

const BUCKET = {
  type: 'object',
  required: ['name', 'keys', 'dataBytes', 'pageBytes'],
  properties: {
    name: TEXT,
    keys: COUNT,
    dataBytes: { ...COUNT, description: 'the bytes of keys and values' },
    pageBytes: { ...COUNT, description: 'the bytes of its pages; 0 if it lies within the page that names it' },
  },
};

const ALWAYS = {
  path: TEXT,
  kind: { enum: ['mvccw', 'etcdSnapshot', 'etcdFile'] },
  sizeBytes: COUNT,
  oldestRev: { ...COUNT, description: 'the oldest revision that can be read' },
  currentRev: COUNT,
  compactRev: { type: 'integer', minimum: -1, description: '-1 before any compaction' },
  compactionCutShort: FLAG,
  records: COUNT,
  liveKeys: COUNT,
  deletedKeys: COUNT,
  leases: COUNT,
  watchers: COUNT,
};

export const STATUS_LINES = [
  {
    description: 'status: its only line',
    type: 'object',
    required: Object.keys(ALWAYS),
    properties: {
      ...ALWAYS,
      scheduledCompactRev: COUNT,
      finishedCompactRev: COUNT,
      bumpedTo: { ...COUNT, description: 'the revision that a restore with --bump-revision wrote' },
      importedFrom: TEXT,
      etcdVersion: { ...TEXT, description: 'the version of the cluster' },
      format: { ...COUNT, description: 'the format of a database of mvccw' },
      // What follows is there for etcd files.
      pageSize: COUNT,
      txid: COUNT,
      highWaterMark: { ...COUNT, description: 'the number of pages' },
      freelistStored: FLAG,
      freePages: COUNT,
      metaProblems: TEXTS,
      problems: { ...TEXTS, description: 'what is wrong with the file, and did not keep it from being read' },
      digest: { enum: ['ok', 'absent'] },
      packedBytes: { ...COUNT, description: 'the size of the packed file' },
      buckets: { type: 'array', items: BUCKET },
      storageVersion: { ...TEXT, description: 'the version of the layout of the file, from etcd 3.6 on' },
      consistentIndex: { ...COUNT, description: 'the index of the newest log entry that is in the file' },
      term: COUNT,
      members: { type: 'array', items: MEMBER },
      removedMembers: { type: 'array', items: MEMBER_ID },
      alarms: { type: 'array', items: ALARM },
      auth: AUTH,
    },
  },
];
