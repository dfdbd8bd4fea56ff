// The time that an apiserver's watch cache may wait for clients whose channels are full: 50 ms more each second, and
// 100 ms at most. Follows timeBudget of Kubernetes.

const SECOND_US = 1_000_000;
const REFILL_US = 50_000;
const MAX_US = 100_000;

export class DispatchBudget {
  private leftUs = 0;
  private refills = 0;

  /** Takes all that is left at a time. */
  take(nowUs: number): number {
    const refills = Math.floor(nowUs / SECOND_US);
    const leftUs = Math.min(this.leftUs + (refills - this.refills) * REFILL_US, MAX_US);
    this.refills = refills;
    this.leftUs = 0;
    return leftUs;
  }

  /** Gives back what was not used. */
  giveBack(unusedUs: number): void {
    this.leftUs = Math.min(this.leftUs + unusedUs, MAX_US);
  }
}
