import t from 'tap';
import { VERSION } from '../../src/version.js';
import { stdoutOf } from '../support/run-cli.js';

t.test('each format', async (t) => {
  t.equal(await stdoutOf(t, ['version']), `mvccw version: ${VERSION}\nAPI version: 3.5\n`);
  t.equal(await stdoutOf(t, ['version', '-w', 'json']), `{"version":"${VERSION}","apiVersion":"3.5"}\n`);
  t.equal(await stdoutOf(t, ['version', '-w', 'fields']), `"Version" : "${VERSION}"\n"APIVersion" : "3.5"\n`);
  t.match(await stdoutOf(t, ['version', '-w', 'table']), `│ ${VERSION} `);
});
