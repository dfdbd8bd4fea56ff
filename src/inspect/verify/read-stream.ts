// Reads a recorded stream, whatever its form: each object of JSON says what it is. Nothing is kept but the response that
// comes in several messages.

import { MvccwError } from '../../errors.js';
import { JsonCutter, type JsonPiece } from './cut-json.js';
import { isEtcdResponse, readEtcdResponse } from './etcd-json.js';
import { badStream, objectOf, parseObject } from './json-fields.js';
import type { Place, RecordedItem, RecordedResponse } from './recorded.js';
import { isReplayLine, readReplayLine } from './replay-json.js';
import { readOperationRequest, readOperationResponse } from './robustness-json.js';

interface Parts {
  /** The line of the first message. */
  readonly line: number;
  readonly responses: readonly RecordedResponse[];
}

export class StreamReader {
  private readonly cutter = new JsonCutter();
  private operations = 0;
  private responses = 0;
  /** The messages of a response that goes on, by the id of its watch. */
  private readonly parts = new Map<number, Parts>();

  /** Takes the next bytes, and returns the items that end in them. Throws CORRUPT or FORMAT, with the line. */
  push(chunk: Buffer): readonly RecordedItem[] {
    const items: RecordedItem[] = [];
    for (const piece of this.cutter.push(chunk)) {
      try {
        this.read(piece, items);
      } catch (error) {
        throw error instanceof MvccwError ? error.under(`line ${piece.line}`) : error;
      }
    }
    return items;
  }

  /** The line of a value, or of a response in several messages, that the end of the stream has cut short. */
  get cutAt(): number | undefined {
    const [unfinished] = this.parts.values();
    return unfinished?.line ?? this.cutter.cutAt;
  }

  private read({ kind, text, line }: JsonPiece, items: RecordedItem[]): void {
    if (kind === 'end') {
      parseObject(text);
      items.push({ kind: 'end', watch: this.operation, mayListAgain: false });
      return;
    }
    const object = parseObject(text);
    if (kind === 'item') {
      const place: Place = { line, response: ++this.responses };
      const response = readOperationResponse(object);
      // The client was told that the watch is there, which is nothing of the watch.
      if (response.via === 'created') return;
      items.push({ kind: 'response', watch: this.operation, stream: this.operation, response, place });
    } else if (kind === 'begin' || object.Request !== undefined) {
      this.beginOperation(object.Request, { line }, items);
      if (kind === 'whole') items.push({ kind: 'end', watch: this.operation, mayListAgain: false });
    } else if (isReplayLine(object)) {
      const item = readReplayLine(object, { line });
      if (item !== undefined) items.push(item);
    } else if (isEtcdResponse(object)) {
      const { response, id } = readEtcdResponse(object);
      const whole = this.wholeOf(response, id, line);
      const watch = String(id);
      if (whole !== undefined) items.push({ kind: 'response', watch, stream: '', response: whole, place: { line } });
    } else {
      throw new MvccwError('FORMAT', 'no response of a watch', {
        hint: 'see `mvccw verify --help` for the forms of a recorded stream',
      });
    }
  }

  private get operation(): string {
    return String(this.operations);
  }

  private beginOperation(request: unknown, place: Place, items: RecordedItem[]): void {
    if (request === undefined) throw badStream('Request is not there before Responses');
    this.operations++;
    this.responses = 0;
    const known = readOperationRequest(objectOf(request, 'Request'));
    items.push({ kind: 'watch', watch: this.operation, stream: this.operation, request: known, place });
  }

  /** Puts the messages of a response together; returns undefined as long as more of it is to come. */
  private wholeOf(response: RecordedResponse, id: number, line: number): RecordedResponse | undefined {
    const parts = this.parts.get(id);
    const responses = [...(parts?.responses ?? []), response];
    if (response.more) {
      this.parts.set(id, { line: parts?.line ?? line, responses });
      return undefined;
    }
    if (parts === undefined) return response;
    this.parts.delete(id);
    return { ...response, events: responses.flatMap(({ events }) => events) };
  }
}
