// The tree of watch ranges, as in etcd's pkg/adt/interval_tree.go: a red-black tree of intervals. Each node also knows
// the greatest end below it, so that a search can skip every part of the tree that ends too early.
//
//              [f, m)  max ∞
//             /             \
//   [b, h)  max k           [p, ∞)  max ∞        a search for k stops at [b, h): its max is k, so nothing there holds k
//             \
//           [d, k)  max k

import assert from 'node:assert';
import { compareEnds, compareIntervals, describe, endsAfter, type Interval, intersect, isEmpty } from './interval.js';
import { type IntervalValue, Node, type NodeView, opposite, type Side } from './interval-node.js';

/** The lowest end that a non-empty interval can have, so the greater of it and any other end is the other end. */
const LOWEST_END = '\0';

function assertNotEmpty(interval: Interval): void {
  if (isEmpty(interval)) assert.fail(`empty interval: ${describe(interval)}`);
}

/**
 * A map from intervals to values.
 *
 * Intervals are ordered by begin, then by end, and infinity is the last end. A method asserts that an interval which it
 * is given is not empty. The tree must not change while it is being visited.
 *
 * With n intervals, of which k are found: insert, getOrInsert, delete, find and intersects take O(log n) steps; visit,
 * stab, stabPoint and contains at most O((k + 1) log n) and never more than O(n).
 *
 * Differs from etcd: there the same interval may be in the tree twice, and intervals with the same begin are in no set
 * order, so that find looks through all that intersect.
 */
export class IntervalTree<V> {
  /** The black node that stands for every missing child and for the root's parent, so that neither is a special case. */
  private readonly nil = new Node<V>('', LOWEST_END, undefined as V);
  private top = this.nil;
  private count = 0;

  /** The number of intervals. */
  len(): number {
    return this.count;
  }

  /** The number of levels; 0 if the tree is empty. */
  height(): number {
    return this.heightOf(this.top);
  }

  private heightOf(node: Node<V>): number {
    return node === this.nil ? 0 : 1 + Math.max(this.heightOf(node.left), this.heightOf(node.right));
  }

  /** The most levels that a red-black tree with this many nodes can have, 2 log₂(n + 1), rounded as etcd rounds it. */
  maxHeight(): number {
    return Math.round(2 * Math.log2(this.count + 1));
  }

  /** Returns a copy of the whole tree, from its root; undefined if it is empty. Takes O(n) steps. */
  root(): NodeView<V> | undefined {
    return this.viewOf(this.top);
  }

  private viewOf(node: Node<V>): NodeView<V> | undefined {
    if (node === this.nil) return undefined;
    const { begin, end, value, maxEnd } = node;
    const left = this.viewOf(node.left);
    const right = this.viewOf(node.right);
    const height = 1 + Math.max(left?.height ?? 0, right?.height ?? 0);
    return { begin, end, value, colour: node.red ? 'red' : 'black', height, maxEnd, left, right };
  }

  /** Returns the entry of exactly this interval; undefined if there is none. */
  find(interval: Interval): IntervalValue<V> | undefined {
    const node = this.nodeOf(interval);
    return node === this.nil ? undefined : node;
  }

  private nodeOf(interval: Interval): Node<V> {
    let node = this.top;
    while (node !== this.nil) {
      const order = compareIntervals(interval, node);
      if (order === 0) break;
      node = order < 0 ? node.left : node.right;
    }
    return node;
  }

  /** Returns whether some interval of the tree shares a key with this one. */
  intersects(interval: Interval): boolean {
    assertNotEmpty(interval);
    let node = this.top;
    while (node !== this.nil && !intersect(node, interval)) {
      // If the left side reaches past the begin and yet does not intersect, its intervals that reach so far begin too
      // late, and those of the right side begin even later.
      const goLeft = node.left !== this.nil && endsAfter(node.left.maxEnd, interval.begin);
      node = goLeft ? node.left : node.right;
    }
    return node !== this.nil;
  }

  /** Returns whether the intervals of the tree together hold every key of this interval. */
  contains(interval: Interval): boolean {
    let covered = false;
    let gap = interval.begin; // the lowest key not known to be covered
    this.visit(interval, ({ begin, end }) => {
      if (begin > gap) return false;
      covered = compareEnds(end, interval.end) >= 0;
      if (end > gap) gap = end;
      return !covered;
    });
    return covered;
  }

  /**
   * Calls `visitor` with each entry that shares a key with `interval`, in order, until the visitor returns false.
   * Returns false if the visitor did.
   */
  visit(interval: Interval, visitor: (entry: IntervalValue<V>) => boolean): boolean {
    assertNotEmpty(interval);
    return this.visitBelow(this.top, interval, visitor);
  }

  private visitBelow(top: Node<V>, interval: Interval, visitor: (entry: IntervalValue<V>) => boolean): boolean {
    for (let node = top; node !== this.nil && endsAfter(node.maxEnd, interval.begin); node = node.right) {
      if (!this.visitBelow(node.left, interval, visitor)) return false;
      if (!endsAfter(interval.end, node.begin)) return true;
      if (endsAfter(node.end, interval.begin) && !visitor(node)) return false;
    }
    return true;
  }

  /** Returns all entries that share a key with `interval`, in order. */
  stab(interval: Interval): IntervalValue<V>[] {
    const found: IntervalValue<V>[] = [];
    this.visit(interval, (entry) => {
      found.push(entry);
      return true;
    });
    return found;
  }

  /**
   * Calls `visitor` with each entry that holds `key`, in order. It does what `visit` does for a point, but allocates
   * nothing, because it runs once for each record of a history.
   */
  stabPoint(key: string, visitor: (entry: IntervalValue<V>) => void): void {
    this.stabBelow(this.top, key, visitor);
  }

  private stabBelow(top: Node<V>, key: string, visitor: (entry: IntervalValue<V>) => void): void {
    for (let node = top; node !== this.nil && endsAfter(node.maxEnd, key); node = node.right) {
      this.stabBelow(node.left, key, visitor);
      if (node.begin > key) return;
      if (endsAfter(node.end, key)) visitor(node);
    }
  }

  /**
   * Adds the intervals of `other` that share a key with `interval`; they are added uncut. Both trees then share the
   * values. Where both have the same interval, this tree keeps its own value.
   */
  union(other: IntervalTree<V>, interval: Interval): void {
    other.visit(interval, (entry) => {
      if (this.nodeOf(entry) === this.nil) this.insert(entry, entry.value);
      return true;
    });
  }

  /** Adds an interval that is not in the tree yet. To replace a value could lose, for example, a set of watchers. */
  insert(interval: Interval, value: V): void {
    assertNotEmpty(interval);
    const node = new Node(interval.begin, interval.end, value);
    node.left = this.nil;
    node.right = this.nil;
    node.red = true;
    this.attach(node);
    this.repairRed(node);
    this.count++;
  }

  /** Returns the value of exactly this interval. If it is not in the tree, it is added with the value that `make` returns. */
  getOrInsert(interval: Interval, make: () => V): V {
    const node = this.nodeOf(interval);
    if (node !== this.nil) return node.value;
    const value = make();
    this.insert(interval, value);
    return value;
  }

  /** Adds a node without children at the place of its interval. */
  private attach(node: Node<V>): void {
    let parent = this.nil;
    let side: Side = 'left';
    for (let at = this.top; at !== this.nil; at = at[side]) {
      const order = compareIntervals(node, at);
      if (order === 0) assert.fail(`interval inserted twice: ${describe(node)}`);
      side = order < 0 ? 'left' : 'right';
      parent = at;
    }
    node.parent = parent;
    if (parent === this.nil) this.top = node;
    else parent[side] = node;
    this.updateMaxEndsFrom(parent);
  }

  /** Removes exactly this interval, and returns whether it was in the tree. */
  delete(interval: Interval): boolean {
    const node = this.nodeOf(interval);
    if (node === this.nil) return false;
    this.detach(node);
    this.count--;
    return true;
  }

  /**
   * Takes a node out. If it has two children, the next node in order takes its place and colour. That node has no left
   * child, so the tree loses a node at a place where at most one child has to move up:
   *
   *        node              next
   *        /  \              /  \
   *       a    c     →      a    c
   *           / \               / \
   *       next   d             b   d
   *          \
   *           b
   */
  private detach(node: Node<V>): void {
    let lostRed = node.red;
    let moved: Node<V>; // moves up where the node is lost
    if (node.left === this.nil || node.right === this.nil) {
      moved = node.left === this.nil ? node.right : node.left;
      this.putInPlaceOf(node, moved);
    } else {
      let next = node.right;
      while (next.left !== this.nil) next = next.left;
      lostRed = next.red;
      moved = next.right;
      this.putInPlaceOf(next, moved);
      this.putInPlaceOf(node, next);
      next.right = node.right; // is `moved`, if next was the child itself
      next.right.parent = next;
      next.left = node.left;
      next.left.parent = next;
      next.red = node.red;
    }
    this.updateMaxEndsFrom(moved.parent);
    if (!lostRed) this.repairBlack(moved);
  }

  private updateMaxEndsFrom(lowest: Node<V>): void {
    for (let node = lowest; node !== this.nil; node = node.parent) node.updateMaxEnd();
  }

  /** Puts `replacement` in the place of `node`. It may be nil, whose parent then says where the gap is. */
  private putInPlaceOf(node: Node<V>, replacement: Node<V>): void {
    if (node.parent === this.nil) this.top = replacement;
    else node.parent[node.side] = replacement;
    replacement.parent = node.parent;
  }

  /**
   * Moves a node down to one side; its child on the other side comes up. To the left:
   *
   *       node                child
   *       /  \                /  \
   *      a   child     →   node   c
   *          /  \          /  \
   *         b    c        a    b
   */
  private rotate(node: Node<V>, side: Side): void {
    const child = node[opposite(side)];
    const inner = child[side];
    node[opposite(side)] = inner;
    if (inner !== this.nil) inner.parent = node; // while repairing, nil's parent says where black is short
    this.putInPlaceOf(node, child);
    child[side] = node;
    node.parent = child;
    child.maxEnd = node.maxEnd; // there are the same intervals below as before, so nothing changes further up
    node.updateMaxEnd();
  }

  /**
   * Repairs the colours after a red node was added: no red node may have a red parent. If the uncle is red, the
   * grandparent becomes red in their place and is looked at next. Otherwise one rotation repairs the tree, after a
   * first one if the node is on the inside:
   *
   *        grandparent                  parent
   *         /       \                  /      \
   *     parent*    uncle     →      node*   grandparent*
   *      /                                       \
   *   node*                                     uncle          (* red)
   */
  private repairRed(added: Node<V>): void {
    let node = added;
    while (node.parent.red) {
      const side = node.parent.side;
      const grandparent = node.parent.parent;
      const uncle = grandparent[opposite(side)];
      grandparent.red = true;
      if (uncle.red) {
        uncle.red = false;
        node.parent.red = false;
        node = grandparent;
        continue;
      }
      if (node.side !== side) {
        node = node.parent;
        this.rotate(node, side);
      }
      node.parent.red = false;
      this.rotate(grandparent, opposite(side));
    }
    this.top.red = false;
  }

  /**
   * Repairs the colours after a black node was lost above `short`: all ways down from a node must pass the same number
   * of black nodes. A sibling without red children becomes red, and then the parent is short. Otherwise a rotation
   * around a red child repairs the tree:
   *
   *      parent                     sibling, coloured as parent was
   *      /    \                     /     \
   *   short   sibling      →    parent    far
   *            /   \             /   \
   *         near   far (red)  short  near
   */
  private repairBlack(short: Node<V>): void {
    let node = short;
    while (node !== this.top && !node.red) {
      const near = node.side;
      const far = opposite(near);
      const parent = node.parent;
      if (parent[far].red) {
        parent[far].red = false;
        parent.red = true;
        this.rotate(parent, near);
      }
      const sibling = parent[far]; // black, and not nil, or its side would have been short before
      if (!sibling.left.red && !sibling.right.red) {
        sibling.red = true; // both sides are short by one now
        node = parent;
        continue;
      }
      if (!sibling[far].red) this.rotate(sibling, far); // its red near child comes between; colours follow below
      const raised = parent[far];
      raised.red = parent.red;
      raised[far].red = false;
      parent.red = false;
      this.rotate(parent, near);
      return;
    }
    node.red = false;
  }
}
