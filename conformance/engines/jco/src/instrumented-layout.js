/** The recorder's memory, by address. // [SINK-10] */
export const MAGIC = Object.freeze([0x89, 0x58, 0x52, 0x45, 0x43, 0x0d, 0x0a, 0x1a]);
export const VERSION = 1;
export const HEADER = Object.freeze({ version: 8, instance: 12, eventsEnd: 16, payloadsEnd: 20 });
export const SEGMENT = Object.freeze({
  first: 0x10000,
  size: 0x40000,
  eventsSize: 0,
  payloadsSize: 4,
  bulkSize: 8,
  events: 64,
  payloads: 0x10000,
  bulk: 0x20000,
});
export const EVENT_SIZE = 16;

/** The memory of the blocks of an open lowering, by address. // [SINK-13] */
export const AREAS = Object.freeze({
  magic: Object.freeze([0x89, 0x58, 0x41, 0x52, 0x45, 0x0d, 0x0a, 0x1a]),
  memory: 12,
  end: 16,
  entries: 32,
});
