// Writes moments as RFC 3339, in UTC, as Kubernetes does, and reads them.

const SECONDS_PER_DAY = 86_400;
const DAYS_PER_ERA = 146_097;
/** The days from 0000-03-01 to 1970-01-01. */
const DAYS_BEFORE_1970 = 719_468;

const digits = (value: number, width = 2): string => String(value).padStart(width, '0');

/**
 * Returns the moment so many seconds and nanoseconds after 1970; undefined if its year does not have four digits. The
 * fraction has `fractionDigits` if they are enough, else all nine.
 */
export function timestamp(seconds: bigint, nanos: bigint, fractionDigits: 0 | 6): string | undefined {
  if (seconds < -62_167_219_200n || seconds > 253_402_300_799n || nanos < 0n || nanos > 999_999_999n) return undefined;
  const whole = Number(seconds);
  const days = Math.floor(whole / SECONDS_PER_DAY);
  const ofDay = whole - days * SECONDS_PER_DAY;
  const time = [Math.floor(ofDay / 3600), Math.floor(ofDay / 60) % 60, ofDay % 60].map((part) => digits(part));
  const shown = digits(Number(nanos), 9);
  const fraction = /^0*$/.test(shown.slice(fractionDigits)) ? shown.slice(0, fractionDigits) : shown;
  return `${dateOf(days)}T${time.join(':')}${fraction === '' ? '' : `.${fraction}`}Z`;
}

/** Returns a moment in µs since 1970, with six digits behind the point; '' if its year does not have four digits. */
export function moment(timeUs: number): string {
  const seconds = Math.floor(timeUs / 1e6);
  return timestamp(BigInt(seconds), BigInt(timeUs - seconds * 1e6) * 1000n, 6) ?? '';
}

/** Returns a moment with three digits behind the point. */
export const momentToMs = (timeUs: number): string => moment(timeUs).replace(/(\.\d{3})\d*Z$/, '$1Z');

/** Returns the date so many days after 1970-01-01. Years are counted from March, so that a leap day ends one. */
function dateOf(days: number): string {
  const shifted = days + DAYS_BEFORE_1970;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const ofEra = shifted - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * ofYear + 2) / 153);
  const day = ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  return `${digits(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), 4)}-${digits(month)}-${digits(day)}`;
}

const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?:([Zz])|([+-])(\d\d):?(\d\d))?$/;

const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export interface ReadTimestamp {
  /** The microseconds since 1970. */
  readonly timeUs: number;
  /** The part of a second that its last digit stands for: a second without a fraction, a microsecond at least. */
  readonly resolutionUs: number;
}

/** Reads RFC 3339; without a zone the time is in UTC. Returns undefined for what is no such time. */
export function readTimestamp(text: string): ReadTimestamp | undefined {
  const found = RFC_3339.exec(text);
  if (found === null) return undefined;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const daysOfMonth = (DAYS_OF_MONTH[month - 1] ?? 0) + (month === 2 && isLeapYear ? 1 : 0);
  // A leap second is written as second 60, and is the second after it.
  if (day < 1 || day > daysOfMonth || hour > 23 || minute > 59 || second > 60) return undefined;
  const fraction = (found[7] ?? '').slice(0, 6);
  const [offsetHours, offsetMinutes] = [Number(found[10] ?? 0), Number(found[11] ?? 0)];
  if (offsetHours > 23 || offsetMinutes > 59) return undefined;
  const offset = (found[9] === '-' ? -60 : 60) * (offsetHours * 60 + offsetMinutes);
  const seconds = daysOf(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second - offset;
  return { timeUs: seconds * 1e6 + Number(fraction.padEnd(6, '0')), resolutionUs: 10 ** (6 - fraction.length) };
}

/** Returns the number of days from 1970-01-01 to a date. */
function daysOf(year: number, month: number, day: number): number {
  const fromMarch = (month + 9) % 12;
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const ofYear = Math.floor((153 * fromMarch + 2) / 5) + day - 1;
  const ofEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + ofYear;
  return era * DAYS_PER_ERA + ofEra - DAYS_BEFORE_1970;
}
