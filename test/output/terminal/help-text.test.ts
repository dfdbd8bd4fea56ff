import t from 'tap';
import { fitText } from '../../../src/output/terminal/help-text.js';

const TEXT = `
Prose is filled, wherever
its lines end.

  key  the name of a record, in more words than fit

Examples:
  mvccw get a-long-key       what it does
  mvccw get a-long-key    what it does, in more words than fit
  mvccw get a-key-too-long-for-a-line`;

t.test('prose is filled, and what does not fit behind a gap goes on below it, or on a line of its own', async (t) => {
  t.equal(
    fitText(TEXT, 36),
    `
Prose is filled, wherever its lines
end.

  key  the name of a record, in more
       words than fit

Examples:
  mvccw get a-long-key
      what it does
  mvccw get a-long-key
      what it does, in more words
      than fit
  mvccw get a-key-too-long-for-a-line`,
  );
});

t.test('an entry goes on in lines that begin in its column, and an entry of a list in lines with two spaces', (t) => {
  const text = `The list:
- one entry that is longer than
  a line
- two

  key  a text that
       goes on
  $ mvccw get a-key   # as it is typed
  a  line of its output
     and another`;
  t.equal(
    fitText(text, 24),
    `The list:
- one entry that is
  longer than a line
- two

  key  a text that goes
       on
  $ mvccw get a-key   # as it is typed
  a  line of its output
     and another`,
  );
  t.end();
});

t.test('lines do not grow with the terminal', async (t) => {
  const [longest] = fitText('word '.repeat(100).trim(), 300).split('\n');
  t.equal(longest!.length, 99);
});
