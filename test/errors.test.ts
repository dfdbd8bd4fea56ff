import t from 'tap';
import { MvccwError } from '../src/errors.js';

t.test('a failure told with its place keeps its code, its hint and where it came from', async (t) => {
  const error = new MvccwError('CORRUPT', 'the value is cut short', { hint: 'the file is damaged' });
  const told = error.under('revision 7_1');
  t.match(told, { code: 'CORRUPT', message: 'revision 7_1: the value is cut short', hint: 'the file is damaged' });
  t.equal(told.cause, error);
});
