// A session holds the watches of one run of `mvccw watch`. It prints each response, and hands its events to the command of
// the watch.

import { utf8 } from '../bytes/byte-string.js';
import { MvccwError } from '../errors.js';
import { missingPrevKvHint } from '../output/formats/missing-prev-kv.js';
import type { WatchPrinter } from '../output/watch-printer.js';
import type { CommandedWatch } from '../requests/client-watch.js';
import type { LiveResponse, LiveWatch } from '../storage/live-watch.js';
import type { Context } from './context.js';
import { runEventCommand } from './event-command.js';
import { EXIT } from './exit-code.js';

export class WatchSession {
  private readonly commands = new Map<number, readonly string[]>();

  constructor(
    private readonly context: Context,
    private readonly live: LiveWatch,
    private readonly printer: WatchPrinter,
    /** Ends a running command when it is aborted. */
    private readonly ending: AbortSignal,
    /** Is called when compaction has overtaken a watch. */
    private readonly onCompacted: (error: MvccwError) => Promise<void>,
  ) {}

  start({ request, command }: CommandedWatch): void {
    this.commands.set(this.live.watch(request), command);
  }

  /** Resolves when the watch has been ended, or a command has failed. */
  async run(): Promise<void> {
    for (let response = await this.live.next(); response !== undefined; response = await this.live.next()) {
      // Both may take long: the reader of the output may be slow, and so may a command.
      await this.live.during(this.print(response));
      if (response.via === 'cancel') await this.onCompacted(compacted(response));
      else if (!(await this.live.during(this.handOn(response)))) return;
    }
  }

  private async print(response: LiveResponse): Promise<void> {
    const { out, err } = this.context;
    for (const piece of this.printer(response)) await out.write(piece);
    await out.flush();
    const hint = missingPrevKvHint(response.events);
    if (hint === undefined) return;
    await err.line(utf8(`Hint: ${hint}`));
    await err.flush();
  }

  private async handOn({ watchId, events, revision }: LiveResponse): Promise<boolean> {
    const command = this.commands.get(watchId) ?? [];
    if (command.length === 0) return true;
    const { io, err } = this.context;
    for (const event of events) {
      const problem = await runEventCommand(command, event, revision, { ...io, signal: this.ending });
      if (this.ending.aborted) return false;
      if (problem === undefined) continue;
      this.context.exitCode = EXIT.found;
      await err.line(utf8(problem));
      return false;
    }
    return true;
  }
}

function compacted({ compactRevision }: LiveResponse): MvccwError {
  return new MvccwError('COMPACTED', 'watch was canceled (mvcc: required revision has been compacted)', {
    hint: `the oldest that can be watched is --rev=${compactRevision}`,
  });
}
