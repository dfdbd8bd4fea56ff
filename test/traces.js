// `npm run traces -- DIR...` replays folders of step scenarios on the built code and compares with their traces.

import { checkFolders } from './support/step-traces.js';

/**
 * Imports a module from dist by a computed path, because dist need not exist when types are checked.
 * @param {string} path
 */
const built = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);

process.exitCode = checkFolders(
  process.argv.slice(2),
  {
    ...(await built('replay/steps/step-scenario.js')),
    ...(await built('replay/steps/step-runner.js')),
    ...(await built('storage/lmdb-backend.js')),
  },
  { out: console.log, err: console.error },
);
