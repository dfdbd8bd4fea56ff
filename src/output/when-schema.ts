// Describes what `mvccw when -w json` prints: a line for each revision, for a time, or for the clock as a whole.

import { COMMITTED, MAYBE_COMMITTED, TIME } from './committed.js';
import { BYTES, COUNT, lineSchema, TEXT } from './formats/inspection-line.js';

const CITATION = {
  type: 'object',
  required: ['what', 'revision', 'clock', 'time'],
  properties: {
    what: { enum: ['renewTime', 'creationTimestamp', 'managedFields', 'compactRevKey', 'leaseTTL', 'upSince', 'line'] },
    revision: { ...COUNT, description: 'of the object that holds the time, or that the line names' },
    key: { ...BYTES, description: 'of the object' },
    line: { ...COUNT, description: 'the number of the line in the file, counted from 1' },
    clock: { ...TEXT, description: 'who read the clock' },
    time: TIME,
    knew: { ...COUNT, description: 'the revision that was there when the clock was read' },
  },
};

const WHEN = { revision: COUNT, ...COMMITTED };

const REVISION_TIME = { type: 'object', required: Object.keys(WHEN), properties: { ...WHEN, ...MAYBE_COMMITTED } };

const NAMED_CLOCK = {
  type: 'object',
  required: ['name', 'readings', 'aheadUs'],
  properties: {
    name: TEXT,
    readings: COUNT,
    aheadUs: { type: 'number', description: 'below 0: it is behind the others' },
  },
};

export const WHEN_LINES = [
  lineSchema('when', 'when: the time of a revision', WHEN, {
    ...MAYBE_COMMITTED,
    because: {
      type: 'object',
      description: 'present for a single revision: where the times were read that bound it',
      properties: { notBefore: CITATION, notAfter: CITATION },
    },
  }),
  lineSchema(
    'newest',
    'when TIME: the newest revision at a time',
    { time: TIME, revision: { ...COUNT, description: 'the likeliest one' } },
    {
      fromRev: { ...COUNT, description: 'the earliest one that it may have been; absent: nothing says so' },
      toRev: { ...COUNT, description: 'the latest one that it may have been; absent: nothing says so' },
    },
  ),
  lineSchema(
    'clock',
    'when: how far the times reach, and how exact they are',
    {
      from: { ...TEXT, description: 'where the times were read' },
      readings: COUNT,
      clocks: COUNT,
      oldest: REVISION_TIME,
      newest: REVISION_TIME,
      unbounded: { ...COUNT, description: 'the revisions without a bound' },
      wrong: { type: 'array', items: NAMED_CLOCK, description: 'the clocks that are not used' },
      leftOut: { ...COUNT, description: 'the single times that are not used' },
      inDoubt: {
        type: 'boolean',
        description: 'whether times contradict each other and it cannot be told which are wrong',
      },
    },
    { medianBoundUs: COUNT, maxBoundUs: COUNT },
  ),
];
