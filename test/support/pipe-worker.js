// This process writes ten bytes to its stdout, a pipe. At each line of stdin it reports on stderr whether the reader is
// gone.

import { createInterface } from 'node:readline';
import { projectFile } from './root.js';

/** @type {typeof import('../../src/output/terminal/pipe-reader.js')} */
const { PipeReader } = await import(projectFile('dist/output/terminal/pipe-reader.js'));

const reader = new PipeReader(1);
process.stdout.write('0123456789');
for await (const _line of createInterface({ input: process.stdin })) process.stderr.write(`${reader.isGone()}\n`);
