// This module finds the project's files from wherever a test runs: test/ if a loader compiles it, .build/test/ if tsc
// did.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

let folder = new URL('.', import.meta.url);
while (!existsSync(new URL('package.json', folder))) folder = new URL('..', folder);

/**
 * Returns the absolute path of a file of the project.
 * @param {string} path below the top folder, with slashes
 */
export const projectFile = (path) => fileURLToPath(new URL(path, folder));
