// Commands, and the lines of `txn` and `watch -i`, tell of a request that makes no sense in the words of etcdctl.

import type { RequestWords } from './range-options.js';

export const ETCDCTL_WORDS: RequestWords = {
  prefixAndFromKey: '`--prefix` and `--from-key` cannot be set at the same time, choose one',
  endBeside: 'too many arguments, only accept one argument when `--prefix` or `--from-key` is set',
  noKey: 'key is not provided',
  keysAndCount: '`--keys-only` and `--count-only` cannot be set at the same time, choose one',
  valueBeside: 'put command needs only 1 argument when `--ignore-value` is set',
  leaseAndIgnoreLease: '`--lease` and `--ignore-lease` cannot be set at the same time, choose one',
  form: '[KEY, RANGE_END)',
  keyHex: '--key-hex',
  valueHex: '--value-hex',
};
