import { Fault } from './fault.js';
import { LIMITS } from './limits.js';

const PIECE = BigInt(LIMITS.attachment_piece_size);

/** Judges the pieces of a trace's attachments in order. // [STREAM-06] */
export class AttachmentOrder {
  #next = 0;
  #open = null;

  /** Takes a piece, the value of an `Attachment`. */
  add({ id, name, offset, total_size, bytes }) {
    const fault = (expected, found) => { throw new Fault('invalid', expected, found); };
    if (this.#open === null) {
      if (id !== this.#next) fault(`attachment ${this.#next}`, `${id}`);
      if (id >= LIMITS.attachments) throw new Fault('limit', `at most ${LIMITS.attachments} attachments`, 'one more');
      if (total_size > BigInt(LIMITS.attachment_size)) {
        throw new Fault('limit', `an attachment of at most ${LIMITS.attachment_size} bytes`, `${total_size}`);
      }
      this.#open = { id, name, total_size, offset: 0n };
    }
    const open = this.#open;
    if (id !== open.id) fault(`a piece of attachment ${open.id}`, `one of ${id}`);
    if (name !== open.name) fault(`the name ${JSON.stringify(open.name)}`, JSON.stringify(name));
    if (total_size !== open.total_size) fault(`total_size ${open.total_size}`, `${total_size}`);
    if (offset !== open.offset) fault(`the piece at ${open.offset}`, `one at ${offset}`);
    const left = total_size - offset;
    const size = left < PIECE ? left : PIECE;
    if (BigInt(bytes.length) !== size) fault(`a piece of ${size} bytes`, `${bytes.length}`);
    open.offset += size;
    if (open.offset === total_size) {
      this.#open = null;
      this.#next++;
    }
  }

  get nextId() {
    return this.#next;
  }

  /** Asks that no attachment be unfinished, as where the summary stands. */
  finish() {
    if (this.#open === null) return;
    const { id, offset, total_size } = this.#open;
    throw new Fault('invalid', `${total_size} bytes of attachment ${id} before the summary`, `${offset}`);
  }
}
