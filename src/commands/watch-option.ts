// The option --watch is there in the commands that take watchers beside the registered ones.

import { Option } from 'commander';
import { naming } from '../errors.js';
import { parseWatchSpec } from '../requests/parse-watch-spec.js';
import type { WatchSpec } from '../requests/watch-spec.js';
import { argText } from './arg-bytes.js';

export function watchOption(description: string): Option {
  return new Option('--watch <spec>', description)
    .argParser((text: string, before: WatchSpec[]) => {
      const spec = argText(text, 'write other bytes of a key as \\xNN');
      const parsed = naming(`--watch ${JSON.stringify(text)}`, () => parseWatchSpec(spec, before.length + 1));
      return [...before, parsed];
    })
    .default([], 'none');
}
