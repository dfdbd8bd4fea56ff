// Tells when a revision was committed. All commands tell it so.

import { spanText } from '../adt/span-text.js';
import type { RevisionTime } from '../inspect/clock/revision-clock.js';
import { moment, momentToMs } from '../kube/timestamp.js';
import { COUNT, TEXT } from './formats/inspection-line.js';

/** Returns when a revision was committed; undefined if times are not to be shown. */
export type RevisionClocks = ((revision: number) => RevisionTime) | undefined;

/** Returns how exact a time is. */
function boundText({ boundUs, notBeforeUs, notAfterUs, outside }: RevisionTime): string {
  const so =
    outside === undefined ? '' : `, ${outside} the ${outside === 'before' ? 'first' : 'last'} time that was read`;
  if (boundUs !== undefined) return `± ${spanText(boundUs)}${so}`;
  if (notBeforeUs !== undefined) return `or later${so}`;
  return notAfterUs === undefined ? `no bound${so}` : `or earlier${so}`;
}

/** Returns a time with how exact it is. */
export const committedText = (time: RevisionTime, gap = ' '): string =>
  `${momentToMs(time.timeUs)}${gap}${boundText(time)}`;

/** Returns what there is to say of a revision, for people. */
export const committedFacts = (clock: RevisionClocks, revision: number): string[] =>
  clock === undefined ? [] : [`committed ${committedText(clock(revision))}`];

export const committedJson = ({ timeUs, notBeforeUs, notAfterUs, boundUs, outside }: RevisionTime) => ({
  time: moment(timeUs),
  notBefore: notBeforeUs === undefined ? undefined : moment(notBeforeUs),
  notAfter: notAfterUs === undefined ? undefined : moment(notAfterUs),
  boundUs,
  outside,
});

export const TIME = { ...TEXT, description: 'RFC 3339, in UTC, to the microsecond' };

export const COMMITTED = {
  time: { ...TIME, description: 'the likeliest time of the commit' },
};

export const MAYBE_COMMITTED = {
  notBefore: { ...TIME, description: 'absent: nothing says so' },
  notAfter: { ...TIME, description: 'absent: nothing says so' },
  boundUs: { ...COUNT, description: 'the larger distance of the time from both; absent if one is absent' },
  outside: { enum: ['before', 'after'], description: 'present: no time was read before, or after, the revision' },
};

/** The property that lines of other commands have with --clock. */
export const COMMITTED_PROPERTY = {
  committed: {
    type: 'object',
    description: 'with --clock: when the revision was committed',
    required: Object.keys(COMMITTED),
    properties: { ...COMMITTED, ...MAYBE_COMMITTED },
  },
};
