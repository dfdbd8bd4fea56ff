import { CommanderError } from 'commander';
import t from 'tap';
import { describeError } from '../../src/cli/report-error.js';
import { exitCodeOf } from '../../src/commands/exit-code.js';
import { ENDING_SIGNALS, ERROR_CODES, InterruptedError, MvccwError } from '../../src/errors.js';
import { ClosedPipeError } from '../../src/output/terminal/writer.js';

t.test('the exit status of every error code', async (t) => {
  const statuses = Object.fromEntries(ERROR_CODES.map((code) => [code, exitCodeOf(new MvccwError(code, 'x'))]));
  t.same(statuses, {
    USAGE: 2,
    EXISTS: 2,
    LEASE_EXISTS: 2,
    CORRUPT: 3,
    FORMAT: 3,
    COMPACTED: 4,
    FUTURE_REVISION: 4,
    KEY_NOT_FOUND: 4,
    LEASE_NOT_FOUND: 4,
    WATCHER_NOT_FOUND: 4,
    GAP: 4,
    NO_CLOCK: 4,
    FULL: 5,
    IO: 5,
  });
});

t.test('what is no error of ours', async (t) => {
  t.equal(exitCodeOf(new ClosedPipeError()), 0);
  t.equal(exitCodeOf(new CommanderError(0, 'commander.helpDisplayed', '')), 0);
  t.equal(exitCodeOf(new CommanderError(1, 'commander.unknownOption', '')), 2);
  t.equal(exitCodeOf(new TypeError('x')), 70);
  t.equal(exitCodeOf('x'), 70);
  t.strictSame(
    ENDING_SIGNALS.map((signal) => exitCodeOf(new InterruptedError(signal))),
    [129, 130, 143],
  );
});

t.test('an error in words', async (t) => {
  t.equal(describeError(new MvccwError('IO', 'it broke')), 'Error: it broke\n');
  t.equal(
    describeError(new MvccwError('IO', 'it broke', { cause: new Error('rust'), hint: 'oil it' })),
    'Error: it broke\nCaused by: rust\nHint: oil it\n',
  );
  t.equal(
    describeError(new MvccwError('IO', 'it broke: rust', { cause: new Error('rust') })),
    'Error: it broke: rust\n',
    'the cause is not said twice',
  );
  t.equal(describeError(new ClosedPipeError()), '');
  t.equal(describeError(new CommanderError(1, 'commander.unknownOption', 'x')), '', 'commander has said it');
  t.match(
    describeError(new TypeError('x is not y')),
    /^Error: this is a bug in mvccw, please report it\nTypeError: x is not y\n {4}at /,
  );
  t.equal(describeError('thrown'), 'Error: this is a bug in mvccw, please report it\nthrown\n');
});
