// An event is identified by its key and its revision. People write KEY@REVISION.

import { unescapeBytes } from '../../bytes/unescape.js';
import { MvccwError } from '../../errors.js';
import { parseWholeNumber } from '../../requests/option-values.js';

export interface EventName {
  readonly key: string;
  readonly revision: number;
}

/** Returns the event that `KEY@REV` names. The key may hold an @, and escapes (unescape.ts). Throws USAGE. */
export function parseEventName(text: string): EventName {
  const at = text.lastIndexOf('@');
  if (at <= 0) {
    throw new MvccwError('USAGE', `${JSON.stringify(text)} names no event`, {
      hint: 'an event is named KEY@REVISION',
    });
  }
  return {
    key: unescapeBytes(text.slice(0, at)),
    revision: parseWholeNumber(text.slice(at + 1), 'the revision behind @', 1),
  };
}
