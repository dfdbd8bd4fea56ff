import { Writable } from 'node:stream';
import t from 'tap';
import { utf8 } from '../../../src/bytes/byte-string.js';
import { ClosedPipeError, Writer } from '../../../src/output/terminal/writer.js';

/** A stream that takes each chunk only when it is told to. */
class SlowStream extends Writable {
  readonly taken: number[] = [];
  private release: (() => void) | undefined;

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.taken.push(chunk.length);
    this.release = done;
  }

  next(): void {
    this.release?.();
  }
}

t.test('bytes arrive as they are, in order', async (t) => {
  const chunks: Buffer[] = [];
  const writer = new Writer(
    new Writable({
      write(chunk, _encoding, done) {
        chunks.push(chunk);
        done();
      },
    }),
  );
  await writer.write('\x00\xff');
  await writer.line(utf8('ü'));
  await writer.line();
  await writer.flush();
  t.strictSame(Buffer.concat(chunks), Buffer.from([0, 255, 0xc3, 0xbc, 10, 10]));
  t.equal(chunks.length, 1, 'in one piece');
  await writer.flush();
  t.equal(chunks.length, 1, 'nothing new, nothing written');
});

t.test('a slow reader holds the writer up, once a piece is full', async (t) => {
  const stream = new SlowStream();
  const writer = new Writer(stream);
  await writer.write('x'.repeat(1000));
  t.strictSame(stream.taken, [], 'small pieces wait');
  let resolved = false;
  const written = writer.write('x'.repeat(100_000)).then(() => {
    resolved = true;
  });
  await new Promise(setImmediate);
  t.strictSame(stream.taken, [101_000]);
  t.notOk(resolved);
  stream.next();
  await written;
  t.ok(resolved);
});

function failing(code: string): Writer {
  return new Writer(
    new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error(`write ${code}`), { code }));
      },
    }),
  );
}

t.test('failures', async (t) => {
  const closed = failing('EPIPE');
  await closed.write('x');
  await t.rejects(closed.flush(), ClosedPipeError);
  await t.rejects(closed.write('x'), ClosedPipeError, 'and again');
  const full = failing('ENOSPC');
  await full.write('x');
  await t.rejects(full.flush(), { code: 'IO', message: 'cannot write the output: write ENOSPC' });
});
