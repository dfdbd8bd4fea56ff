// The watches of one run of `mvccw watch`: prints each response, and hands its events to the watch's command.

import type { Context } from '../cli/context.js';
import { MvccwError } from '../errors.js';
import { utf8 } from '../mvcc/byte-string.js';
import { runEventCommand } from '../output/event-command.js';
import type { WatchPrinter } from '../output/watch-printer.js';
import type { LiveResponse, LiveWatch } from '../storage/live-watch.js';
import type { CommandedWatch } from '../watch/watch-request.js';

export class WatchSession {
  private readonly commands = new Map<number, readonly string[]>();

  constructor(
    private readonly context: Context,
    private readonly live: LiveWatch,
    private readonly printer: WatchPrinter,
    /** Ends a command that is running. */
    private readonly ending: AbortSignal,
    /** Called when compaction has overtaken a watch. */
    private readonly onCompacted: (error: MvccwError) => Promise<void>,
  ) {}

  start({ request, command }: CommandedWatch): void {
    this.commands.set(this.live.watch(request), command);
  }

  /** Resolves when the watch has been ended, or a command has failed. */
  async run(): Promise<void> {
    const { out } = this.context;
    for (let response = await this.live.next(); response !== undefined; response = await this.live.next()) {
      await out.write(this.printer(response));
      await out.flush();
      if (response.via === 'cancel') await this.onCompacted(compacted(response));
      else if (!(await this.handOn(response))) return;
    }
  }

  private async handOn({ watchId, events, revision }: LiveResponse): Promise<boolean> {
    const command = this.commands.get(watchId) ?? [];
    if (command.length === 0) return true;
    const { io, err } = this.context;
    for (const event of events) {
      const problem = await runEventCommand(command, event, revision, { ...io, signal: this.ending });
      if (this.ending.aborted) return false;
      if (problem === undefined) continue;
      this.context.exitCode = 1;
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
