/**
 * The areas of one guest memory that the host may write in one lowering and that are not saved
 * yet: blocks that `realloc` gave. // [WRITE-01] [RECORD-02]
 *
 * Ranges [start, end), in ascending order, never overlapping: however many blocks a guest hands
 * out, finding one takes a binary search, and a guest that gives blocks in ascending order appends.
 */
export class Areas {
  #starts = [];
  #ends = [];

  /** @param {?number} memory id of the memory that the areas are in */
  constructor(memory = null) {
    this.memory = memory;
  }

  get count() {
    return this.#starts.length;
  }

  start(index) {
    return this.#starts[index];
  }

  end(index) {
    return this.#ends[index];
  }

  /** Adds a block that overlaps no area: `take` what it overlaps first. Empty blocks are nothing. */
  add(start, end) {
    if (start >= end) return;
    const at = this.#firstEndingAfter(start);
    if (at === this.#starts.length) {
      this.#starts.push(start);
      this.#ends.push(end);
    } else {
      this.#starts.splice(at, 0, start);
      this.#ends.splice(at, 0, end);
    }
  }

  /**
   * The areas that overlap [start, end), each whole, as [start, end] pairs. What lies inside is
   * outstanding no more; what is left of them outside still is.
   */
  take(start, end) {
    if (start >= end) return [];
    const first = this.#firstEndingAfter(start);
    let last = first;
    while (last < this.#starts.length && this.#starts[last] < end) last++;
    if (last === first) return [];
    const taken = [];
    for (let i = first; i < last; i++) taken.push([this.#starts[i], this.#ends[i]]);
    const left = [];
    if (taken[0][0] < start) left.push([taken[0][0], start]);
    if (taken.at(-1)[1] > end) left.push([end, taken.at(-1)[1]]);
    this.#starts.splice(first, last - first, ...left.map(([from]) => from));
    this.#ends.splice(first, last - first, ...left.map(([, to]) => to));
    return taken;
  }

  #firstEndingAfter(address) {
    const ends = this.#ends;
    let low = 0;
    let high = ends.length;
    if (high > 0 && ends[high - 1] <= address) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle] > address) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
