// The JSON schema of scenario files, which `mvccw replay SCENARIO.yaml` reads.

import { RELEASE_PATTERN } from '../releases/etcd-release.js';
import { MAX_CHANGES, MAX_WATCHERS } from '../run/bounds.js';
import { CLIENTS, type ResumeFrom } from '../run/replay-options.js';
import {
  ABOVE_0,
  COUNT,
  isTrue,
  maximum,
  NAME,
  none,
  PATH,
  PERIOD,
  RATE,
  REVISION,
  SIZE,
  TIME,
  WATCHER_NAME,
} from './scenario-values.js';

/** The range of a watcher and of a delete. */
const RANGE = {
  key: { type: 'string', description: 'the one key, or where the range begins; empty only with `prefix` or `fromKey`' },
  end: { type: 'string', description: 'the range is [key, end); empty, as if it were not there: the one key' },
  prefix: { type: 'boolean', description: 'all keys that begin with `key`; not beside `end`' },
  fromKey: { type: 'boolean', description: 'all keys from `key` on; not beside `end` or `prefix`' },
  keyHex: { type: 'boolean', description: '`key` and `end` are hexadecimal, 62ff, and stand for any bytes' },
} as const;

const RANGE_RULES = [
  {
    if: isTrue('prefix'),
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON schemas
    then: {
      properties: {
        end: none('`end` has no place beside `prefix`'),
        fromKey: { description: '`prefix` and `fromKey` exclude each other, choose one', not: { const: true } },
      },
    },
  },
  {
    if: isTrue('fromKey'),
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON schemas
    then: { properties: { end: none('`end` has no place beside `fromKey`') } },
  },
  {
    if: { anyOf: [isTrue('prefix'), isTrue('fromKey')] },
    else: {
      properties: { key: { description: 'empty only with `prefix` or `fromKey`', type: 'string', minLength: 1 } },
    },
  },
] as const;

const WATCHER = {
  description: 'a watcher: one key, [key, end), all keys with a prefix, or all from a key on',
  type: 'object',
  additionalProperties: false,
  required: ['name', 'key'],
  properties: {
    name: WATCHER_NAME,
    ...RANGE,
    rev: {
      type: 'integer',
      minimum: -maximum,
      maximum,
      description: 'the first revision it wants; 0 is what comes next, below 0 is refused; default: `from`',
    },
    filter: {
      description: 'events to leave out',
      type: 'array',
      items: { enum: ['put', 'delete'] },
    },
    prevKv: { type: 'boolean', description: 'events come with the record before' },
    progressNotify: { type: 'boolean', description: 'progress is sent each `progressNotifyInterval` without events' },
    fragment: { type: 'boolean', description: 'a response that is too large for one message is cut' },
    stream: { ...NAME, description: 'watchers that name the same stream share it; default: one of its own' },
  },
  allOf: RANGE_RULES,
} as const;

const WATCHERS = {
  ...WATCHER,
  description: `${WATCHER.description}; \`repeat\` makes so many of it, {i} counting from 0`,
  properties: { ...WATCHER.properties, repeat: { type: 'integer', minimum: 1, maximum: MAX_WATCHERS } },
  if: { required: ['repeat'], properties: { repeat: { type: 'integer', minimum: 2 } } },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON schemas
  then: {
    properties: {
      name: { description: 'with `repeat`, {i} makes the names distinct', type: 'string', pattern: '\\{i\\}' },
    },
  },
} as const;

const PUT = {
  type: 'object',
  additionalProperties: false,
  required: ['key'],
  properties: {
    key: { type: 'string', minLength: 1 },
    value: { type: 'string' },
    keyHex: { type: 'boolean', description: '`key` is hexadecimal, 62ff, and stands for any bytes' },
    valueHex: { type: 'boolean', description: '`value` is hexadecimal' },
  },
} as const;

const DELETE = {
  description: 'one key, [key, end), all keys with a prefix, or all from a key on',
  type: 'object',
  additionalProperties: false,
  required: ['key'],
  properties: RANGE,
  allOf: RANGE_RULES,
} as const;

const CHANGE = {
  description: 'either a put or a delete',
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
  properties: { put: PUT, delete: DELETE },
} as const;

const COMMIT_FORM =
  'one transaction: either a put, a delete, or several in a txn; `repeat` writes it so often, {i} counting from 0';
const fields = (count: number) => ({ description: COMMIT_FORM, minProperties: count, maxProperties: count }) as const;

const COMMIT = {
  description: COMMIT_FORM,
  type: 'object',
  additionalProperties: false,
  properties: {
    put: PUT,
    delete: DELETE,
    txn: { description: 'no key twice', type: 'array', minItems: 1, items: CHANGE },
    repeat: { type: 'integer', minimum: 1, maximum: MAX_CHANGES },
  },
  if: { required: ['repeat'], properties: { repeat: {} } },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON schemas
  then: fields(2),
  else: fields(1),
} as const;

const RESUME_FROM: readonly ResumeFrom[] = [
  'lastEvent',
  'bookmark',
  'header',
  'progress',
  'midTransaction',
  'start',
  'now',
  'created',
];

const CONSUMER = {
  description: 'how responses are taken off: atOnce (default), never, one each so often, or so many events a second',
  oneOf: [
    { enum: ['atOnce', 'never'] },
    { type: 'object', additionalProperties: false, required: ['every'], properties: { every: TIME } },
    {
      type: 'object',
      additionalProperties: false,
      required: ['eventsPerSecond'],
      properties: { eventsPerSecond: RATE },
    },
  ],
} as const;

const CACHE_CLIENT = {
  description: 'a client of the cache; its keys are a range as of a watcher, default: all of the resource',
  type: 'object',
  additionalProperties: false,
  required: ['name'],
  properties: {
    name: WATCHER_NAME,
    ...RANGE,
    at: { ...TIME, description: 'when it comes; default: at time 0' },
    until: { ...TIME, description: 'when it leaves' },
    rev: { ...COUNT, description: 'the first revision it wants; default: it lists when it comes' },
    consumer: { ...CONSUMER, description: 'its pace, as of a stream; each event counts by itself' },
    channel: {
      ...COUNT,
      description: 'the size of each of its two channels; default: what Kubernetes chooses, from 10 on',
    },
    reconnectAfter: { ...TIME, description: 'how long it takes to come back when it was cut off; default: at once' },
    repeat: { type: 'integer', minimum: 1, maximum: MAX_WATCHERS },
  },
} as const;

const CACHE = {
  description: 'the watch cache of an apiserver, which the one watcher of the stream fills, and its clients',
  type: 'object',
  additionalProperties: false,
  properties: {
    minCapacity: { ...COUNT, description: 'the least events that its window holds; default 100' },
    maxCapacity: { ...COUNT, description: 'the most; default 102400' },
    freshFor: { ...PERIOD, description: 'up to this age, events make its window larger; default 75s' },
    bookmarkEvery: { ...PERIOD, description: '10ms at least; default 1m' },
    progressEvery: { ...PERIOD, description: 'how often it asks etcd for progress, 10ms at least; default: never' },
    clients: { type: 'array', items: CACHE_CLIENT },
  },
} as const;

const STREAM = {
  type: 'object',
  additionalProperties: false,
  properties: {
    consumer: CONSUMER,
    disconnectAt: { description: 'when the connection breaks', type: 'array', items: TIME },
    reconnectAfter: { ...TIME, description: 'default: at once' },
    client: {
      description: 'which client it is, and so what it does below: etcd (default)',
      enum: Object.keys(CLIENTS),
    },
    resumeFrom: {
      description:
        'what the client resumes from: its last event + 1, as etcd’s does, or as others and careless ones do',
      enum: RESUME_FROM,
    },
    onCompacted: { description: 'what the client does when compaction has ended its watcher', enum: ['end', 'relist'] },
    cache: CACHE,
    relistAfter: { ...TIME, description: 'how long a list takes; default: no time' },
  },
} as const;

const REVISION_OR_BEHIND = {
  description: 'a revision, or so many behind the newest',
  oneOf: [
    COUNT,
    { type: 'object', additionalProperties: false, required: ['behind'], properties: { behind: REVISION } },
  ],
} as const;

const THINGS = {
  watch: {
    ...WATCHER,
    description: `${WATCHER.description}; no other may have its name, not even one cancelled before`,
  },
  cancel: WATCHER_NAME,
  compact: REVISION_OR_BEHIND,
  restart: {
    description: 'clean, or cutShort: killed before the end of the last compaction was recorded',
    enum: ['clean', 'cutShort'],
  },
  restore: {
    description:
      'true: as by a snapshot of the leader; {to}: the cluster is restored from the backup of a revision, or of so many behind the newest',
    oneOf: [
      { const: true },
      {
        type: 'object',
        additionalProperties: false,
        required: ['to'],
        properties: {
          to: REVISION_OR_BEHIND,
          bumpRevision: { ...COUNT, description: 'as of etcdutl: the newest revision is raised by so many' },
          markCompacted: { type: 'boolean', description: 'as of etcdutl: all below the newest revision is compacted' },
        },
      },
    ],
  },
  progress: { ...NAME, description: 'the name of a stream' },
  stall: { ...NAME, description: 'the name of a stream, whose consumer takes nothing `for` a while' },
} as const;

const ACTION_FORM = `something that happens at a time: exactly one thing beside \`at\`, of ${Object.keys(THINGS).join(', ')}, and with \`stall\` its \`for\``;

const ACTION = {
  description: ACTION_FORM,
  type: 'object',
  additionalProperties: false,
  required: ['at'],
  properties: { at: TIME, ...THINGS, for: TIME },
  dependencies: { stall: ['for'], for: ['stall'] },
  if: { required: ['for'], properties: { for: {} } },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON schemas
  then: { description: ACTION_FORM, maxProperties: 3 },
  else: { description: ACTION_FORM, minProperties: 2, maxProperties: 2 },
} as const;

export const SCENARIO_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'mvccw replay scenario',
  type: 'object',
  additionalProperties: false,
  required: ['history'],
  properties: {
    about: { type: 'string' },
    history: {
      description: 'a database or etcd file (its path is relative to the scenario), or commits written here',
      type: 'object',
      additionalProperties: false,
      minProperties: 1,
      maxProperties: 1,
      properties: { database: PATH, commits: { type: 'array', items: COMMIT } },
    },
    base: { ...COUNT, description: 'where the store stands at time 0; default: at the end of the history' },
    from: { ...COUNT, description: 'where watchers without `rev` start; default: the oldest readable revision' },
    to: { ...COUNT, description: 'as if the history ended here' },
    arrivals: {
      description: 'when the revisions above `base` are committed; default 1000 a second',
      type: 'object',
      additionalProperties: false,
      properties: {
        perSecond: RATE,
        poisson: { description: 'at random moments, so many a second on average', type: 'boolean' },
        clock: {
          description:
            'when they were: kubernetes, from objects in the history; log:FILE; or FILE with revisions and times',
          type: 'string',
          minLength: 1,
        },
      },
      if: { required: ['clock'], properties: { clock: {} } },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON schemas
      then: { description: '`clock` stands alone: it says when each commit comes', maxProperties: 1 },
      else: { description: '`perSecond`, or `clock`', required: ['perSecond'], properties: { perSecond: {} } },
    },
    watchers: { type: 'array', items: WATCHERS },
    watchersFrom: {
      description:
        'watchers that follow from something else: kube-apiserver, kube-apiserver:1.31, audit:FILE or metrics:FILE',
      type: 'array',
      items: { type: 'string', minLength: 1 },
    },
    etcdPrefix: { ...NAME, description: 'the prefix of the keys of the apiserver; default: /registry' },
    streams: { description: 'by name', type: 'object', additionalProperties: STREAM },
    actions: { type: 'array', items: ACTION },
    parameters: {
      type: 'object',
      additionalProperties: false,
      properties: {
        chanBufLen: COUNT,
        maxWatchersPerSync: COUNT,
        watchBatchMaxRevs: COUNT,
        resyncPeriod: PERIOD,
        victimRetry: PERIOD,
        progressNotifyInterval: { ...PERIOD, description: `${ABOVE_0}; etcd takes 100ms at least; default: 10m` },
        maxRequestBytes: {
          ...COUNT,
          description: 'of a server; a response of 512 KiB more is cut for a watcher with `fragment`; default: 1572864',
        },
      },
    },
    cost: {
      description: 'what a sync pass costs: none (default), measured, or figures of your own in µs',
      oneOf: [
        { enum: ['none', 'measured'] },
        {
          type: 'object',
          additionalProperties: false,
          required: ['revisionUs', 'eventUs'],
          properties: { revisionUs: { type: 'number', minimum: 0 }, eventUs: { type: 'number', minimum: 0 } },
        },
      ],
    },
    limits: {
      description:
        'how late a watcher may be, in revisions that the store is ahead, and from commit to consumer; and how many ' +
        'bytes pending events may hold',
      type: 'object',
      additionalProperties: false,
      properties: { lag: REVISION, delay: TIME, memory: SIZE },
    },
    etcd: { description: 'the release to behave like, X.Y.Z, from 3.4.0 on', type: 'string', pattern: RELEASE_PATTERN },
    seed: REVISION,
    until: {
      ...TIME,
      description: `${TIME.description}; when the replay stops; default: when nothing but progress by interval can come`,
    },
  },
} as const;
