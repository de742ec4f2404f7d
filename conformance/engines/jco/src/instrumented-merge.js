/**
 * One order for the events of several recorders. // [SINK-09]
 *
 * A recorder lets everything leave before control passes to another one, so the order of arrival is
 * the order of events; but for a post-return, in which nothing may leave. It arrives with the next
 * that its recorder writes, and belongs right after the call that it cleans up after: before the
 * results go on to the caller, after the caller's `realloc`s for them.
 */
export class Merge {
  #functions;
  #emit;
  #queue = []; // entries { recorder, event, result, owes, emitted }; what stands first may be emitted already
  #owing = new Map(); // recorder -> its entry of a result whose post-return has not come

  /**
   * @param {object[]} functions of the plan
   * @param {(event: object) => void} emit
   */
  constructor(functions, emit) {
    this.#functions = functions;
    this.#emit = emit;
  }

  /** Events of one recorder, as they arrive. */
  add(recorder, events) {
    let rest = events;
    const owing = this.#owing.get(recorder);
    if (owing !== undefined && rest.length > 0 && rest[0].kind !== 'lift') {
      const count = this.#postReturnLength(owing.result, rest);
      this.#place(owing, rest.slice(0, count).map((event) => ({ recorder, event, owes: false, emitted: false })));
      rest = rest.slice(count);
      this.#settle(recorder);
    }
    for (const event of rest) {
      // What is lifted of a result stands before the post-return that it is owed.
      const result = event.kind === 'lift' ? this.#owing.get(recorder)?.result : event.kind === 'export_result' ? event : undefined;
      this.#settle(recorder); // what stands directly behind the result came with it, if at all
      const entry = { recorder, event, result, emitted: false, owes: result !== undefined && this.#postReturnOf(result) !== null };
      this.#queue.push(entry);
      if (entry.owes) this.#owing.set(recorder, entry);
    }
    this.#release();
  }

  /** No more will come. */
  finish() {
    for (const recorder of [...this.#owing.keys()]) this.#settle(recorder);
    this.#release();
  }

  #settle(recorder) {
    const owing = this.#owing.get(recorder);
    if (owing === undefined) return;
    owing.owes = false;
    this.#owing.delete(recorder);
  }

  #postReturnOf(event) {
    const id = this.#functions[event.subject].options.post_return;
    return this.#functions[id] === undefined ? null : id;
  }

  // How many of `events` are the post-return that `result` is owed.
  #postReturnLength(result, events) {
    const id = this.#postReturnOf(result);
    if (events[0].kind !== 'export_call' || events[0].subject !== id) return 0;
    const end = events.findIndex(({ kind, subject }) => kind === 'export_result' && subject === id);
    return end < 0 ? events.length : end + 1;
  }

  #place(after, entries) {
    if (entries.length === 0) return;
    const start = this.#queue.indexOf(after) + 1;
    let at = start;
    while (at < this.#queue.length && this.#isLowering(this.#queue[at].event)) at++;
    const returns = this.#queue[at]?.event.kind === 'import_result';
    if (!returns) at = start;
    while (returns && at > start && this.#queue[at - 1].event.kind === 'lower') at--;
    this.#queue.splice(at, 0, ...entries);
  }

  #isLowering({ kind, subject }) {
    return kind === 'lower' || kind === 'realloc_call' || kind === 'realloc_result'
      || ((kind === 'import_call' || kind === 'import_result') && this.#functions[subject].role === 'builtin');
  }

  // Whatever stands before what the first result is owed that has not got its post-return.
  #release() {
    const owed = this.#queue.findIndex(({ owes }) => owes);
    const end = owed < 0 ? this.#queue.length : owed + 1;
    for (const entry of this.#queue.slice(0, end)) {
      if (entry.emitted) continue;
      entry.emitted = true;
      this.#emit(entry.event);
    }
    this.#queue.splice(0, owed < 0 ? end : owed); // the result stays: it says where to place
  }
}
