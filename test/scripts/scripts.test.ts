// The shell scripts beside this file, which use mvccw as CI would: each ends with status 0 and says "done".

import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { BIN } from '../support/processes.js';
import { projectFile } from '../support/root.js';
import { temporaryFolder } from '../support/run-cli.js';

const FOLDER = projectFile('test/scripts');
const scripts = readdirSync(FOLDER).filter((name) => name.endsWith('.sh'));
const hasJq = spawnSync('jq', ['--version']).status === 0;

t.ok(scripts.length > 0);

for (const name of scripts) {
  const path = join(FOLDER, name);
  const needsJq = /\bjq -/.test(readFileSync(path, 'utf8'));
  t.test(name, { skip: needsJq && !hasJq && 'jq is not here' }, async (t) => {
    const folder = temporaryFolder(t);
    const tmp = join(folder, 'tmp');
    mkdirSync(tmp);
    const { status, stdout, stderr } = spawnSync('sh', [path], {
      encoding: 'utf8',
      env: {
        PATH: process.env.PATH,
        TMPDIR: tmp,
        MVCCW: `${process.execPath} ${BIN}`,
        MVCCW_DB: join(folder, 'db'),
      },
    });
    t.equal(status, 0, `${stdout}${stderr}`);
    t.match(stdout, /done\n$/);
  });
}
