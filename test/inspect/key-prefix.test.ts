import t from 'tap';
import { prefixOf } from '../../src/inspect/key-prefix.js';

t.test('the first levels of a key', (t) => {
  const upTo3 = (key: string, prefix = '', separator = '/') =>
    [0, 1, 2, 3].map((depth) => prefixOf(key, depth, { prefix, separator }));
  t.strictSame(upTo3('/registry/pods/x'), ['', '/registry/', '/registry/pods/', '/registry/pods/']);
  t.strictSame(upTo3('leader'), ['', '', '', '']);
  t.strictSame(upTo3('a//b'), ['', 'a/', 'a//', 'a//']);
  t.strictSame(upTo3('/a/b/c', '/a'), ['/a', '/a/b/', '/a/b/', '/a/b/']);
  t.strictSame(upTo3('a::b::c', '', '::'), ['', 'a::', 'a::b::', 'a::b::']);
  t.end();
});
