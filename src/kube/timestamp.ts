// Writes moments as RFC 3339, in UTC, as Kubernetes does.

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
