import { readTrace } from './format/reader.js';

/**
 * A trace, one event at a time with one event of foresight; nothing of it is kept. Definitions are
 * handed on as they come by. Informative events are passed over.
 */
export class Cursor {
  #items;
  #onDefinition;
  #next; // undefined: not read yet; null: the end
  #taken = 0;

  /** The verdict of the container, once `peek` gave null. */
  verdict = null;
  info = null;

  /**
   * @param {number|Uint8Array} source
   * @param {(kind: string, value: object) => void} onDefinition
   */
  constructor(source, onDefinition) {
    this.#items = readTrace(source);
    this.#onDefinition = onDefinition;
  }

  /** How many events were taken. */
  get count() {
    return this.#taken;
  }

  /** Reads up to the trace info, which may be missing: then `verdict` says why. */
  open() {
    if (this.info === null && this.verdict === null) this.#item();
  }

  /** The next event, or null. Its payload is valid until the event after it is looked at. */
  peek() {
    while (this.#next === undefined) this.#item();
    return this.#next;
  }

  /** Takes the event that `peek` showed; its payload stays valid until the next `peek`. */
  take() {
    const event = this.peek();
    this.#next = event === null ? null : undefined;
    if (event !== null) this.#taken++;
    return event;
  }

  #item() {
    const { value: item } = this.#items.next();
    if (item.event) {
      if (!isInformative(item.event.kind)) this.#next = item.event;
    } else if (item.trace_info) {
      this.info = item.trace_info;
    } else if (item.definition) {
      this.#onDefinition(item.definition, item.value);
    } else if (item.verdict) {
      this.verdict = item;
      this.#next = null;
    }
  }
}

// A kind that has no name here is informative, or the reader would have refused it. // [EVENT-04]
const isInformative = (kind) => kind === 'marker' || typeof kind === 'number';
