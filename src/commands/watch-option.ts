// The option --watch, of the commands that take watchers beside the registered ones.

import { Option } from 'commander';
import { parseWatchSpec } from '../requests/parse-watch-spec.js';
import type { WatchSpec } from '../requests/watch-spec.js';
import { argText } from './arg-bytes.js';

export function watchOption(description: string): Option {
  return new Option('--watch <spec>', description)
    .argParser((text: string, before: WatchSpec[]) => {
      const spec = argText(text, 'write other bytes of a key as \\xNN');
      return [...before, parseWatchSpec(spec, before.length + 1)];
    })
    .default([], 'none');
}
