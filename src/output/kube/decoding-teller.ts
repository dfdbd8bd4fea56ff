// Tells what values are, once they are recognised.

import { fieldsOfTold, type TellOptions, tellValue } from '../../kube/told-value.js';
import { toldJson } from './told-json.js';
import { toldLine } from './told-line.js';
import type { ValueTeller } from './value-teller.js';

export function decodingTeller(options: TellOptions): ValueTeller {
  return {
    line: (key, value, maxBytes) => toldLine(tellValue(key, value, options), value, maxBytes),
    fields: (key, value) => fieldsOfTold(tellValue(key, value, options)).map(({ path, text }) => `${path}: ${text}`),
    json(key, value) {
      const told = tellValue(key, value, options);
      return { ...(told.hidden ? {} : { value }), decoded: toldJson(told) };
    },
  };
}
