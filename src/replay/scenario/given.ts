// Small readers that the parts of a scenario share.

import { parseDuration } from '../run/duration.js';
import { inField } from './field-error.js';

type Given<Fields> = { -readonly [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** Returns the fields that are not undefined. */
export function given<Fields extends object>(fields: Fields): Given<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<Fields>;
}

export function timeIn(path: readonly (string | number)[], text: string): number {
  return inField(path, () => parseDuration(text));
}

export function optionalTime(path: readonly (string | number)[], text: string | undefined): number | undefined {
  return text === undefined ? undefined : timeIn(path, text);
}
