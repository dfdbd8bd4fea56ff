// Puts together the JSON schema of what the inspection commands print with -w json. The lines of each command are
// described beside its printer.

import { BLAME_LINES } from './blame/blame-schema.js';
import { CHECK_LINES } from './check-schema.js';
import { DIFF_LINES } from './diff/diff-schema.js';
import { EXPORT_LINES } from './export-schema.js';
import { HISTORY_LINES } from './history/history-schema.js';
import { SALVAGE_LINES } from './salvage-schema.js';
import { STATUS_LINES } from './status-schema.js';
import { UNDELETE_LINES } from './undelete/undelete-schema.js';
import { USAGE_LINES } from './usage/usage-schema.js';
import { VERIFY_LINES } from './verify/verify-schema.js';
import { WAL_CHECK_LINES } from './wal/wal-check-schema.js';
import { WAL_LINES } from './wal/wal-schema.js';
import { WHEN_LINES } from './when-schema.js';

/** The lines of each command. Their kinds differ. */
const LINES: readonly (readonly object[])[] = [
  BLAME_LINES, //
  CHECK_LINES,
  EXPORT_LINES,
  HISTORY_LINES,
  SALVAGE_LINES,
  STATUS_LINES,
  USAGE_LINES,
  UNDELETE_LINES,
  DIFF_LINES,
  WAL_LINES,
  WAL_CHECK_LINES,
  VERIFY_LINES,
  WHEN_LINES,
];

export const INSPECTION_SCHEMA = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'A line of what the inspection commands of mvccw print with -w json',
  oneOf: LINES.flat(),
};
