// Runs one command of the built program in this process, as the workers of the attack do.

import { Readable, Writable } from 'node:stream';

/** @type {typeof import('../../src/cli.js')} */
const { main } = await import(new URL('../../dist/cli.js', import.meta.url).href);

const POLL_MS = 2;
/** A watch that prints less than it should is ended after this time. */
const PATIENCE_MS = 1500;

class Sink extends Writable {
  isTTY = false;
  columns = 100;
  /** @type {Buffer[]} */
  chunks = [];
  sizeBytes = 0;

  /** @override @param {Buffer} chunk @param {BufferEncoding} _encoding @param {() => void} done */
  _write(chunk, _encoding, done) {
    this.chunks.push(chunk);
    this.sizeBytes += chunk.length;
    done();
  }

  text() {
    return Buffer.concat(this.chunks).toString('latin1');
  }
}

/**
 * @typedef {object} Request
 * @property {readonly string[]} argv
 * @property {number} nowMs the time that the command is told
 * @property {string} [stdin]
 * @property {number} [watchBytes] the number of bytes after which a watch is interrupted
 */

/** @param {Request} request */
export async function runCommand({ argv, nowMs, stdin = '', watchBytes }) {
  const stdout = new Sink();
  const stderr = new Sink();
  let interrupt = () => {};
  const ended = main(argv, {
    stdin: Object.assign(Readable.from([Buffer.from(stdin)]), { isTTY: false }),
    stdout,
    stderr,
    env: {},
    now: () => nowMs,
    onInterrupt(handler) {
      interrupt = () => handler('SIGINT');
      return () => {
        interrupt = () => {};
      };
    },
  });
  if (watchBytes !== undefined) {
    const end = Date.now() + PATIENCE_MS;
    const poll = setInterval(() => {
      if (stdout.sizeBytes >= watchBytes || Date.now() > end) interrupt();
    }, POLL_MS);
    await ended;
    clearInterval(poll);
  }
  return { status: await ended, stdout: stdout.text(), stderr: stderr.text() };
}
