// Tells what values are, once they are recognised.

import { changesBetween } from '../../kube/changes.js';
import { fieldsOfTold, type TellOptions, type ToldValue, tellValue } from '../../kube/told-value.js';
import { toldJson } from './told-json.js';
import { toldLine } from './told-line.js';
import type { ValueTeller } from './value-teller.js';

export function decodingTeller(options: TellOptions): ValueTeller {
  let last: { readonly key: string; readonly value: Buffer; readonly told: ToldValue } | undefined;

  /** Tells a value. The last one is kept, as printers ask for its line and then for its fields. */
  function tell(key: string, value: Buffer): ToldValue {
    if (last?.key !== key || last.value !== value) last = { key, value, told: tellValue(key, value, options) };
    return last.told;
  }

  return {
    line: (key, value, maxBytes) => toldLine(tell(key, value), value, maxBytes),
    fields: (key, value) => fieldsOfTold(tell(key, value)).map(({ path, text }) => `${path}: ${text}`),
    changes: (key, before, after) => changesBetween(before && tell(key, before), after && tell(key, after)),
    json(key, value) {
      const told = tell(key, value);
      return { ...(told.hidden ? {} : { value }), decoded: toldJson(told) };
    },
  };
}
