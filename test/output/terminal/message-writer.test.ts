import t from 'tap';
import { utf8 } from '../../../src/bytes/byte-string.js';
import { MessageWriter } from '../../../src/output/terminal/message-writer.js';
import { Sink } from '../../support/run-cli.js';

t.test('messages steer no terminal, and break between words', async (t) => {
  const message = 'Error: the name \u202e"pods" is taken by another watcher\nHint: choose another\n';
  const written = async (columns: number | undefined) => {
    const sink = new Sink(true, 0);
    const writer = new MessageWriter(sink, columns);
    await writer.write(utf8(message));
    await writer.flush();
    return sink.bytes().toString();
  };
  const whole = 'Error: the name \\u202e"pods" is taken by another watcher\nHint: choose another\n';
  t.equal(await written(undefined), whole, 'a pipe has no columns');
  t.equal(await written(80), whole);
  t.equal(await written(40), 'Error: the name \\u202e"pods" is taken by\n  another watcher\nHint: choose another\n');
});
