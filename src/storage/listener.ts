// A command hears of what goes on while storage reads for it.

/** Called with a sentence that a reader of the database should know, and that is no error. */
export type OnRemark = (remark: string) => void | Promise<void>;

/** Called often with work that may take long, `reading snapshot.db`, and how much of it is done. */
export type OnProgress = (work: string, done: number, total: number) => void;

/** Called often with how much of some work is done. */
export type OnDone = (done: number, total: number) => void;

export interface Listener {
  readonly onRemark?: OnRemark | undefined;
  /** Called with a sentence that says why what is read may not be what the server had. */
  readonly onDoubt?: OnRemark | undefined;
  readonly onProgress?: OnProgress | undefined;
}
