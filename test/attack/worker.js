// This process runs the commands of attacks, many one after the other, through main(argv, io) of the built code: a
// command takes a few milliseconds, where a process of its own takes a hundred. A command that ends the process by a
// signal ends this one, which worker-pool.ts notices.

import { runCommand } from './run-command.js';

process.on('message', async (/** @type {import('./run-command.js').Request} */ request) => {
  const result = await runCommand(request);
  process.send?.({ ...result, peakBytes: process.resourceUsage().maxRSS * 1024 });
});
process.send?.('ready');
