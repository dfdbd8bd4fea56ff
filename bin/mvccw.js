#!/usr/bin/env node
// The code is imported here, and not declared, so that a machine that cannot open its files is told apart from a bug.
let cli;
try {
  cli = await import('../dist/cli.js');
} catch (error) {
  if (!/^E[A-Z]+$/.test(error.code ?? '')) throw error;
  process.stderr.write(
    `Error: cannot load mvccw: ${error.message}\nHint: EMFILE is too low a limit: raise it (ulimit -n)\n`,
  );
  process.exitCode = 5;
}
await cli?.run();
