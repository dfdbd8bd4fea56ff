import t from 'tap';
import { cutText, padText, textWidth, widestOf } from '../../../src/output/terminal/width.js';

t.test('how many columns text takes', async (t) => {
  const table: [text: string, columns: number][] = [
    ['', 0],
    ['abc', 3],
    ['ü', 1],
    ['e\u0301', 1],
    ['日本', 4],
    ['한글', 4],
    ['カ\u3099', 2],
    ['👩‍👩‍👧', 2],
    ['🫠', 2],
    ['█─…', 3],
  ];
  for (const [text, columns] of table) t.equal(textWidth(text), columns, JSON.stringify(text));
  t.equal(widestOf(['a', '日本', 'abc']), 4);
  t.equal(widestOf([]), 0);
});

t.test('padding', async (t) => {
  t.equal(padText('日本', 6), '日本  ');
  t.equal(padText('日本', 3), '日本', 'what is wider stays');
});

t.test('cutting keeps both ends, and nothing is cut in two', async (t) => {
  const table: [text: string, columns: number, cut: string][] = [
    ['/registry/pods/default/web-3', 28, '/registry/pods/default/web-3'],
    ['/registry/pods/default/web-3', 11, '/regi…web-3'],
    ['/registry/pods/default/web-3', 1, '…'],
    ['日本語の鍵です', 6, '日…す'],
    ['e\u0301e\u0301e\u0301e\u0301', 3, 'e\u0301…e\u0301'],
    ['👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧', 5, '👩‍👩‍👧…👩‍👩‍👧'],
    ['ab\\x00\\x01cd', 8, 'ab…cd'],
  ];
  for (const [text, columns, cut] of table) {
    t.equal(cutText(text, columns), cut, `${JSON.stringify(text)} to ${columns}`);
    t.ok(textWidth(cutText(text, columns)) <= columns);
  }
});
