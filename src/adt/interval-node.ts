// The nodes of the interval tree, and the view of them that callers get.

import { type Interval, laterEnd } from './interval.js';

/** An interval of the tree with its value. It is one of the tree's own nodes: print its fields, not the object. */
export interface IntervalValue<V> extends Interval {
  readonly value: V;
}

/** A copy of a node, for drawing and checking. Later changes of the tree do not change it. */
export interface NodeView<V> extends IntervalValue<V> {
  readonly colour: 'red' | 'black';
  /** The number of levels from this node down; 1 if it has no children. */
  readonly height: number;
  /** The greatest end in this node and below it; '' is infinity. */
  readonly maxEnd: string;
  readonly left: NodeView<V> | undefined;
  readonly right: NodeView<V> | undefined;
}

export type Side = 'left' | 'right';

export function opposite(side: Side): Side {
  return side === 'left' ? 'right' : 'left';
}

export class Node<V> implements IntervalValue<V> {
  maxEnd: string;
  red = false;
  parent: Node<V> = this;
  left: Node<V> = this;
  right: Node<V> = this;

  constructor(
    readonly begin: string,
    readonly end: string,
    readonly value: V,
  ) {
    this.maxEnd = end;
  }

  get side(): Side {
    return this === this.parent.left ? 'left' : 'right';
  }

  /** Computes maxEnd from the children, whose own maxEnd must be right. */
  updateMaxEnd(): void {
    this.maxEnd = laterEnd(this.end, laterEnd(this.left.maxEnd, this.right.maxEnd));
  }
}
