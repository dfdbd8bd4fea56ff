// Tells what values are, once they are recognised.

import { changesBetween } from '../../kube/changes.js';
import { fieldLine } from '../../kube/fields.js';
import { fieldsOfTold, type TellOptions, type ToldValue, tellValue } from '../../kube/told-value.js';
import { toldJson } from './told-json.js';
import { toldLine, toldSort } from './told-line.js';
import type { ValueTeller } from './value-teller.js';

interface Kept {
  readonly key: string;
  readonly value: Buffer;
  readonly told: ToldValue;
}

export function decodingTeller(options: TellOptions): ValueTeller {
  let [last, beforeLast]: (Kept | undefined)[] = [];

  /** Tells a value. The last two are kept, as printers ask for what changed, and then for the line or the fields. */
  function tell(key: string, value: Buffer): ToldValue {
    if (last?.key === key && last.value === value) return last.told;
    const kept = beforeLast?.key === key && beforeLast.value === value ? beforeLast : undefined;
    beforeLast = last;
    last = kept ?? { key, value, told: tellValue(key, value, options) };
    return last.told;
  }

  return {
    line: (key, value, maxBytes) => toldLine(tell(key, value), value, maxBytes),
    fields: (key, value) => fieldsOfTold(tell(key, value)).map(fieldLine),
    sort: (key, value) => toldSort(tell(key, value)),
    changes: (key, before, after) => changesBetween(before && tell(key, before), after && tell(key, after)),
    json(key, value) {
      const told = tell(key, value);
      return { ...(told.hidden ? {} : { value }), decoded: toldJson(told) };
    },
  };
}
