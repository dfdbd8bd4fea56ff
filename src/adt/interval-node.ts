// A node of the interval tree, and what others see of it.

import { type Interval, laterEnd } from './interval.js';

/** An interval of the tree with what it stands for. These are the tree's own nodes: print fields, not the object. */
export interface IntervalValue<V> extends Interval {
  readonly value: V;
}

/** A copy of a node, for drawing and checking; a change of the tree does not reach it. */
export interface NodeView<V> extends IntervalValue<V> {
  readonly colour: 'red' | 'black';
  /** Levels from here down; 1 without children. */
  readonly height: number;
  /** The latest end in this node and below; '' is infinity. */
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

  /** Sets maxEnd from the children, which must have theirs right. */
  updateMaxEnd(): void {
    this.maxEnd = laterEnd(this.end, laterEnd(this.left.maxEnd, this.right.maxEnd));
  }
}
