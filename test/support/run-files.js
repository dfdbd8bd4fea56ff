// `node test/support/run-files.js FILE...` runs compiled test files one after the other in one process. After the tests
// of each file comes a test that is named endOf(FILE); run.js takes the output apart there.

import { pathToFileURL } from 'node:url';
import { endOf } from './several-files.js';

const files = process.argv.slice(2);
// Tap names its temporary folders after the whole command line, which may be too long for that.
process.argv.length = 3;
const { default: t } = await import('tap');

/** @type {(() => unknown)[]} */
const teardowns = [];
// What a file tears down at the end of all its tests goes when they have ended, and not with the last file. Tap itself
// would also take a pause after the first such call for the end of everything.
t.teardown = (/** @type {() => unknown} */ teardown) => {
  teardowns.unshift(teardown);
};

for (const file of files) {
  await import(pathToFileURL(file).href);
  await t.test(endOf(file), async () => {
    for (const teardown of teardowns.splice(0)) await teardown();
  });
}
