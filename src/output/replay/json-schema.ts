// Holds the JSON schema of what `mvccw replay -w json` prints. Each line is one of these objects, told apart by `kind`.

import { METRICS } from '../../replay/run/watch-metrics.js';
import { DECODED_SCHEMA } from '../kube/decoded-schema.js';
import { ORIGIN_PROPERTIES } from '../origin.js';
import { EXPLANATION_PARTS } from './explanation-text.js';
import {
  BYTES,
  CLOCK_TIME,
  COMPACT_REVISION,
  COUNT,
  GROUP,
  line,
  MOMENT,
  message,
  NAME,
  object,
  RELEASE,
  REPLAY_SCHEMA_VERSION,
  REVISION,
  TIME_US,
} from './schema-parts.js';
import { ACTION_OUTCOMES, REASONS } from './trace-text.js';

const KEY_VALUE = message('mvccpb.KeyValue', {
  key: BYTES,
  create_revision: REVISION,
  mod_revision: REVISION,
  version: COUNT,
  value: BYTES,
  decoded: DECODED_SCHEMA,
  lease: { type: 'integer', description: 'of 64 bits: more than a double holds' },
});

const EVENTS = {
  type: 'array',
  items: message('mvccpb.Event', {
    type: { const: 1, description: 'a delete; absent: a put' },
    kv: KEY_VALUE,
    prev_kv: KEY_VALUE,
  }),
};

const EVENT_NAME = object('an event', { key: BYTES, revision: REVISION });

const EVENT_NAMES = object('how many, and the first ones', {
  count: COUNT,
  first: { type: 'array', items: EVENT_NAME },
});

const METRIC_VALUES = object(
  'under the names that etcd gives them',
  Object.fromEntries(Object.values(METRICS).map((name) => [name, COUNT])),
);

const RESPONSE = line(
  'response',
  'a response, as its consumer takes it',
  {
    etcd: RELEASE,
    timeUs: TIME_US,
    sentUs: { ...TIME_US, description: 'when it was put into the stream' },
    watcher: { ...NAME, description: '* when it speaks for all watchers of the stream' },
    stream: NAME,
    via: { enum: ['notify', 'sync', 'victim', 'cancel', 'progress'] },
    response: object('as a line of etcdctl watch -w json', {
      Header: message('without what only a cluster has', { revision: REVISION }),
      Events: EVENTS,
      CompactRevision: { ...COMPACT_REVISION, description: 'not 0 in a cancel: where the window begins' },
      Canceled: { type: 'boolean' },
      Created: { type: 'boolean' },
    }),
    missingPrevKvs: {
      type: 'array',
      description: 'events without the record before, which the watcher asked for and compaction had taken',
      items: object('an event', {
        event: { ...COUNT, description: 'its place in Events, from 0' },
        key: BYTES,
        revision: REVISION,
        atRev: { ...REVISION, description: 'where the record before was looked up' },
        compactRev: { ...REVISION, description: 'where the window began' },
      }),
    },
    origins: {
      type: 'array',
      description: 'where the revisions of its events come from, if there is a log',
      items: object('a revision', { revision: REVISION, ...ORIGIN_PROPERTIES }, Object.keys(ORIGIN_PROPERTIES)),
    },
    messages: { ...COUNT, description: 'in how many messages it came, if more than one' },
    bytes: { ...COUNT, description: 'of the largest message, as the server sends it; absent without events' },
  },
  ['missingPrevKvs', 'origins', 'messages', 'bytes'],
);

const SUMMARY = [
  line(
    'replay',
    'with --summary or --trace, the first line: what is replayed',
    {
      etcd: RELEASE,
      seed: COUNT,
      baseRev: { ...REVISION, description: 'where the store stands at time 0' },
      toRev: { ...REVISION, description: 'the last revision that is committed' },
      parameters: object('of the watch algorithm', {
        chanBufLen: COUNT,
        maxWatchersPerSync: COUNT,
        watchBatchMaxRevs: COUNT,
        resyncPeriodUs: COUNT,
        victimRetryUs: COUNT,
        progressNotifyIntervalUs: COUNT,
        maxRequestBytes: COUNT,
      }),
      startTime: CLOCK_TIME,
    },
    ['startTime'],
  ),
  line(
    'request',
    'with --trace, behind the first line: what a watcher asks for',
    {
      watcher: NAME,
      stream: NAME,
      key: BYTES,
      rangeEnd: { ...BYTES, description: 'absent: the one key; empty: all from the key on' },
      startRev: { type: 'integer', description: 'the first revision that it wants; 0: what comes next' },
      filters: { type: 'array', items: { enum: ['noput', 'nodelete'] } },
      prevKv: { type: 'boolean' },
    },
    ['rangeEnd'],
  ),
  line(
    'violation',
    'with --summary or --trace: a guarantee that was broken',
    {
      guarantee: NAME,
      watcher: NAME,
      revision: REVISION,
      key: BYTES,
      timeUs: TIME_US,
      message: { type: 'string' },
      expected: { type: 'string' },
      found: { type: 'string' },
    },
    ['key', 'expected', 'found'],
  ),
  line(
    'exceeded',
    'with --summary or --trace: a watcher was later than allowed, or pending events held more memory',
    {
      watcher: { ...NAME, description: '* for the memory of all' },
      client: { ...NAME, description: 'the client of its watch cache, if that was late' },
      limit: { enum: ['lagRevs', 'delayUs', 'memoryBytes'] },
      allowed: COUNT,
      found: COUNT,
      event: { ...EVENT_NAME, description: 'the event that was so late, or that it was waiting for' },
      revision: { ...REVISION, description: 'of the event that came so late to the client' },
      timeUs: { ...TIME_US, description: 'when the most memory was held' },
    },
    ['client', 'event', 'revision', 'timeUs'],
  ),
  line(
    'watcher',
    'with --summary or --trace: what a watcher came to',
    {
      watcher: NAME,
      stream: NAME,
      batches: { ...COUNT, description: 'responses with events' },
      responses: { ...COUNT, description: 'all of them, a cancel included' },
      events: COUNT,
      repeated: { ...COUNT, description: 'of the events: those of a revision that it was given before' },
      missingPrevKvs: {
        ...COUNT,
        description: 'of the events: those whose record before was asked for and is compacted',
      },
      maxMessageBytes: { ...COUNT, description: 'of the largest message with events' },
      maxMessageRevision: { ...REVISION, description: 'of the last event in it' },
      largeMessages: { ...COUNT, description: 'responses with a message above 4 MiB, which most gRPC clients refuse' },
      filtered: { ...COUNT, description: 'events that its filters took' },
      undelivered: { ...COUNT, description: 'events that it should have been given, and was not' },
      firstRevision: { ...REVISION, description: 'of the events' },
      lastRevision: REVISION,
      lastUs: { ...TIME_US, description: 'when its last response came' },
      syncedUs: { ...TIME_US, description: 'when it was synced for the first time' },
      timesVictim: { ...COUNT, description: 'how often its stream was full' },
      timesResumed: { ...COUNT, description: 'how often its client came back' },
      timesRelisted: { ...COUNT, description: 'how often its client listed again, because its watcher was compacted' },
      seenAsState: { ...COUNT, description: 'events that its client saw only as the state that it listed' },
      undone: { ...COUNT, description: 'of the events: those that a restore from a backup took back' },
      waitsForRev: {
        ...REVISION,
        description: 'the revision that it waits for since a restore, above that of the store',
      },
      maxLagRevs: { ...COUNT, description: 'the farthest that it was behind the store, in revisions' },
      maxDelayUs: { ...COUNT, description: 'the longest that an event took to the consumer' },
      maxLagEvent: { ...EVENT_NAME, description: 'the event that it was waiting for when it was so far behind' },
      maxDelayEvent: { ...EVENT_NAME, description: 'the event that took so long' },
      group: { ...GROUP, description: 'where it stands at the end' },
      compactRevision: { ...COMPACT_REVISION, description: 'the compact revision that cancelled it' },
      refused: { type: 'boolean', description: 'the server refused it, as its start revision is below 0' },
      lost: { ...EVENT_NAMES, description: 'events that later ones overtook, or that a synced watcher lacks' },
      twice: { ...EVENT_NAMES, description: 'events that came again' },
      lag: object('how far it was behind over time', {
        stepUs: COUNT,
        revs: { type: 'array', items: COUNT, description: 'the most revisions in each step' },
      }),
    },
    [
      'firstRevision',
      'lastRevision',
      'maxMessageRevision',
      'lastUs',
      'syncedUs',
      'maxLagEvent',
      'maxDelayEvent',
      'group',
      'compactRevision',
      'waitsForRev',
    ],
  ),
  line('cache', 'with --summary or --trace: what the watch cache of an apiserver came to, and its clients', {
    watcher: { ...NAME, description: 'the one that fills it' },
    revision: { ...COUNT, description: 'up to which it has seen everything' },
    oldestRev: { ...COUNT, description: 'the oldest that it can still give to a client' },
    held: { ...COUNT, description: 'the events in its window' },
    capacity: { ...COUNT, description: 'how many that holds' },
    peakCapacity: COUNT,
    timesRelisted: { ...COUNT, description: 'how often it listed again, which cuts off all clients' },
    clients: {
      type: 'array',
      items: object(
        'a client',
        {
          client: NAME,
          events: COUNT,
          bookmarks: COUNT,
          timesTerminated: { ...COUNT, description: 'how often it was cut off' },
          timesTooOld: { ...COUNT, description: 'how often the cache no longer had what it wanted, so that it listed' },
          seenAsState: { ...COUNT, description: 'events that it saw only as the state that it listed' },
          undelivered: { ...COUNT, description: 'events that it should have been given, and was not' },
          revision: { ...COUNT, description: 'the last one that it has seen' },
          maxDelayUs: {
            ...COUNT,
            description: 'the longest that an event took to it; one that never came counts up to the end',
          },
          maxDelayRev: { ...REVISION, description: 'the revision of that event' },
        },
        ['revision', 'maxDelayRev'],
      ),
    },
  }),
  line('end', 'with --summary or --trace, the last line: where the store and its streams stand', {
    etcd: RELEASE,
    timeUs: TIME_US,
    currentRev: REVISION,
    compactRev: COMPACT_REVISION,
    streams: {
      type: 'array',
      items: object('a stream', {
        stream: NAME,
        queued: { ...COUNT, description: 'responses that nobody has taken' },
        peakQueued: { ...COUNT, description: 'the most that ever waited' },
        peakBytes: { ...COUNT, description: 'the most that its events held, those of victims too' },
        capacity: { ...COUNT, description: 'how many it holds' },
      }),
    },
    memory: object('what pending events held at most, each counted once', { peakBytes: COUNT, peakUs: TIME_US }),
    metrics: object('at the end, and the highest that each has been', { atEnd: METRIC_VALUES, peak: METRIC_VALUES }),
  }),
];

const TRACE = [
  line(
    'commit',
    'with --trace: a transaction is committed',
    { ...MOMENT, revision: REVISION, events: EVENTS, ...ORIGIN_PROPERTIES },
    Object.keys(ORIGIN_PROPERTIES),
  ),
  line(
    'pass',
    'with --trace: a pass of syncWatchers',
    {
      ...MOMENT,
      pass: { ...COUNT, description: 'counted from 1' },
      chosen: { type: 'array', items: NAME, description: 'the watchers it looks at' },
      minRev: { type: 'integer', description: 'from where it reads' },
      costUs: { ...COUNT, description: 'how long it keeps the store busy' },
    },
    ['minRev'],
  ),
  line(
    'group',
    'with --trace: a watcher changes its group, or could not',
    {
      ...MOMENT,
      watcher: NAME,
      from: { ...GROUP, description: 'absent when it is just started' },
      to: GROUP,
      because: { enum: REASONS },
      minRev: { type: 'integer', description: 'the next revision that the watcher needs' },
      pass: { ...COUNT, description: 'the pass it happened in' },
    },
    ['from', 'pass'],
  ),
  line(
    'action',
    'with --trace: the scenario makes something happen',
    {
      ...MOMENT,
      action: { type: 'string' },
      error: { type: 'string', description: 'how etcd refused it' },
      outcome: { enum: ACTION_OUTCOMES, description: 'why a progress request is not answered at once' },
      restored: object('a restore from a backup', {
        backupRev: REVISION,
        revision: { ...REVISION, description: 'the newest one after it: that of the backup, or a bumped one' },
      }),
    },
    ['error', 'outcome', 'restored'],
  ),
  line('answer', 'with --trace: the server answers a client that wants a watcher, or its end', {
    ...MOMENT,
    watcher: NAME,
    stream: NAME,
    what: { enum: ['created', 'cancelled', 'refused'] },
    revision: REVISION,
  }),
  line('fragment', 'with --trace: a message with a part of a response, of which more is to come', {
    ...MOMENT,
    watcher: NAME,
    stream: NAME,
    revision: REVISION,
    events: { ...COUNT, description: 'how many it holds' },
  }),
  line(
    'client',
    'with --trace: a client loses its connection, is back, or lists again',
    {
      ...MOMENT,
      watcher: NAME,
      what: { enum: ['disconnected', 'cancelled', 'resumed', 'relisted'] },
      startRev: { ...REVISION, description: 'where it resumes, or one above where it listed' },
    },
    ['startRev'],
  ),
];

const CACHE_CLIENT = line('cacheClient', 'with --trace: a client of the watch cache of an apiserver comes or goes', {
  ...MOMENT,
  watcher: NAME,
  client: NAME,
  what: { enum: ['listed', 'watches', 'terminated', 'tooOld', 'left'] },
  revision: { ...COUNT, description: 'up to which it has seen everything' },
});

const EXPLANATION = line(
  'explanation',
  'with --explain: the life of the event for a watcher',
  {
    etcd: RELEASE,
    key: BYTES,
    revision: REVISION,
    watcher: NAME,
    ...ORIGIN_PROPERTIES,
    says: {
      type: 'array',
      items: object('a sentence', { says: { enum: EXPLANATION_PARTS }, text: { type: 'string' } }),
    },
  },
  Object.keys(ORIGIN_PROPERTIES),
);

const COMPARED_EVENTS = {
  type: 'array',
  items: object(
    'an event, or a progress response, which has no key',
    {
      type: { enum: ['PUT', 'DELETE', 'PROGRESS'] },
      key: BYTES,
      revision: REVISION,
      late: { const: true, description: 'it comes behind progress at its revision or a later one' },
    },
    ['key', 'late'],
  ),
};
const ENDING = { type: 'string', description: 'how it ends in that release: its group, or compacted at a revision' };

const DIFFERENCE = line('difference', 'with --compare: a watcher that the releases differ for', {
  releases: { type: 'array', items: { type: 'string' }, minItems: 2, maxItems: 2, description: 'first and second' },
  watcher: NAME,
  endFirst: ENDING,
  endSecond: ENDING,
  onlyFirst: { ...COMPARED_EVENTS, description: 'what only the first one delivers, in order' },
  onlySecond: COMPARED_EVENTS,
});

export const REPLAY_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: `a line of mvccw replay -w json, version ${REPLAY_SCHEMA_VERSION}`,
  oneOf: [RESPONSE, ...SUMMARY, ...TRACE, CACHE_CLIENT, EXPLANATION, DIFFERENCE],
};
