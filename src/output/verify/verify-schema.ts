// Describes what `mvccw verify -w json` prints: a line for each finding, one for each watch, and one for the whole.

import { GUARANTEES } from '../../replay/guarantees/violation.js';
import { BYTES, COUNT, lineSchema, TEXT } from '../formats/inspection-line.js';

const EVENT_NAME = { type: 'object', required: ['key', 'revision'], properties: { key: BYTES, revision: COUNT } };

const ACCOUNT = {
  type: 'object',
  description: 'how many events, and the first ones',
  required: ['count', 'first'],
  properties: { count: COUNT, first: { type: 'array', items: EVENT_NAME } },
};

const PLACE = {
  stream: { ...TEXT, description: 'the file' },
  line: { ...COUNT, description: 'the line of the file, from 1' },
};
const RESPONSE = { ...COUNT, description: 'the number, from 1, among the responses of a list' };
const WATCH = { ...TEXT, description: 'the name of the watch, or its number in the stream' };
const REVISION = { type: 'integer' };

export const VERIFY_LINES = [
  lineSchema(
    'verify-violation',
    'verify: a guarantee that was broken',
    {
      ...PLACE,
      watch: WATCH,
      guarantee: { enum: Object.keys(GUARANTEES) },
      revision: COUNT,
      message: TEXT,
    },
    { response: RESPONSE, key: BYTES, expected: TEXT, found: TEXT },
  ),
  lineSchema(
    'verify-gap',
    'verify: events for which no watch was there, as the one before had ended',
    { ...PLACE, watch: WATCH, fromRev: COUNT, toRev: COUNT, missed: ACCOUNT },
    { response: RESPONSE },
  ),
  lineSchema(
    'verify-watch',
    'verify: what a watch comes to',
    {
      ...PLACE,
      watch: WATCH,
      assumed: {
        type: 'array',
        items: { enum: ['range', 'filters', 'start'] },
        description: 'what nothing says of the watch, so that it is taken from its events',
      },
      responses: COUNT,
      events: COUNT,
      lost: ACCOUNT,
      repeated: ACCOUNT,
      unjudged: {
        type: 'object',
        description: 'what the database cannot tell of',
        required: ['events'],
        properties: {
          events: COUNT,
          belowFrom: { ...COUNT, description: 'the lowest revision below its window that was needed' },
          aboveTo: { ...COUNT, description: 'the highest revision above its newest one that was needed' },
        },
      },
    },
    {
      key: BYTES,
      rangeEnd: { ...BYTES, description: 'absent: the one key; empty: all from the key on' },
      fromRev: { ...COUNT, description: 'the first revision that it was to see' },
      firstRevision: { ...COUNT, description: 'of the events' },
      lastRevision: COUNT,
    },
  ),
  lineSchema('verify', 'verify: the last line', {
    holds: { type: 'boolean', description: 'whether no guarantee is broken, and no event fell between two watches' },
    complete: { type: 'boolean', description: 'whether all of the streams could be judged' },
    watches: COUNT,
    responses: COUNT,
    events: COUNT,
    unjudgedEvents: { ...COUNT, description: 'of the events: those that the database cannot tell of' },
    lost: COUNT,
    repeated: COUNT,
    gaps: COUNT,
    gapEvents: COUNT,
    hiddenValues: { ...COUNT, description: 'values that were hidden when the stream was recorded' },
    behindRestore: {
      ...COUNT,
      description: 'events that were not judged, as they came behind a restore from a backup',
    },
    broken: { type: 'object', additionalProperties: COUNT, description: 'the number of violations by guarantee' },
    compactRev: { ...REVISION, description: 'where the window of the database begins' },
    currentRev: REVISION,
  }),
];
