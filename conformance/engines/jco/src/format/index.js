/** Crossing traces: what a recorder, a replayer or a tool imports. */
export { EXIT_CODES, Fault } from './fault.js';
export { LIMITS, NONE } from './limits.js';
export { fromJson, jsonParts, toJson } from './json.js';
export { readTrace } from './reader.js';
export { SCHEMA } from './schema.js';
export { DescriptorSink, MemorySink, sourceOf } from './source.js';
export { readStruct, structBytes } from './struct.js';
export { TraceWriter } from './writer.js';
export { xxh3 } from './xxh3.js';
