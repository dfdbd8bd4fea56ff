// Reads moments as people write them, in RFC 3339 or only as the time of a day, and questions for them.

import { quoteText } from '../bytes/key-text.js';
import { MvccwError } from '../errors.js';
import { readTimestamp } from '../kube/timestamp.js';
import { parseRevs, type RevSpan } from './diff-request.js';

/** A moment, or a time of a day that is not named. */
export type Moment = { readonly timeUs: number } | { readonly ofDayUs: number };

const DAY_US = 86_400_000_000;
const TIME_OF_DAY = /^\d\d:\d\d(:\d\d([.,]\d{1,9})?)?$/;

/** Reads a moment. Throws USAGE; `name` is what it is given to. */
export function parseMoment(text: string, name: string): Moment {
  if (TIME_OF_DAY.test(text)) {
    const time = readTimestamp(`1970-01-01T${/:\d\d:/.test(text) ? text : `${text}:00`}`);
    if (time !== undefined) return { ofDayUs: time.timeUs };
  }
  const read = readTimestamp(text);
  if (read !== undefined) return { timeUs: read.timeUs };
  throw new MvccwError('USAGE', `${name}: ${quoteText(text)} is no time`, {
    hint: 'write 2026-11-28T12:03:07Z, with another zone as +01:00, or only 12:03:07 of the day in UTC that is meant',
  });
}

/**
 * Returns a moment in µs since 1970. A time of a day is that of the one day on which it lies from `firstUs` to `lastUs`.
 * Throws USAGE if there are several such days; if there is none, it is that of the day of `firstUs` or `lastUs` on which it
 * is nearest.
 */
export function resolveMoment(moment: Moment, firstUs: number, lastUs: number): number {
  if ('timeUs' in moment) return moment.timeUs;
  const timeUs = Math.ceil((firstUs - moment.ofDayUs) / DAY_US) * DAY_US + moment.ofDayUs;
  if (timeUs + DAY_US <= lastUs) {
    throw new MvccwError('USAGE', 'the history has this time on more than one day', {
      hint: 'write the date too: 2026-11-28T12:03:07Z',
    });
  }
  if (timeUs <= lastUs) return timeUs;
  const dayBeforeUs = timeUs - DAY_US;
  const dayOf = (us: number) => Math.floor(us / DAY_US);
  if (dayOf(timeUs) > dayOf(lastUs)) return dayBeforeUs;
  return dayOf(dayBeforeUs) >= dayOf(firstUs) && firstUs - dayBeforeUs < timeUs - lastUs ? dayBeforeUs : timeUs;
}

/** What is asked of a clock: when a revision was, 0 for the newest; when several were; or which was there at a moment. */
export type Asked = { readonly revision: number } | RevSpan | { readonly moment: Moment };

/** Reads N, A..B, or a moment. Throws USAGE. */
export function parseAsked(text: string): Asked {
  if (!text.includes('..') && !/^[\d_]+$/.test(text)) return { moment: parseMoment(text, 'when') };
  const revs = parseRevs(text, 'when');
  return typeof revs === 'number' ? { revision: revs } : revs;
}
