import { closeSync, existsSync, openSync, readFileSync, unlinkSync } from 'node:fs';
import { Fault, EXIT_CODES, DescriptorSink, TraceWriter, fromJson, jsonParts, readTrace } from './format/index.js';
import { readLines } from './lines.js';

const ENGINE = new URL('./engine.js', import.meta.url);
const EXIT_USAGE = 2;
const BUFFER_SIZE = 65536;

/** A wrong command line; its message is one sentence. */
export class UsageError extends Error {}

/**
 * Runs a command of spec/testee.md.
 * @param {string[]} argv  without node and script
 * @returns {Promise<number>} the exit code [VERDICT-05]
 */
export async function run(argv) {
  const [command, ...rest] = argv;
  try {
    switch (command) {
      case 'describe': return describe();
      case 'decode': return decode(rest);
      case 'encode': return encode(rest);
      case 'record':
      case 'replay': return await (await import(ENGINE))[command](rest);
    }
    throw new UsageError('usage: crossing-engine-jco describe | decode TRACE | encode JSON --out TRACE [--force] | record … | replay …');
  } catch (error) {
    process.stderr.write(`crossing-engine-jco: ${error.message}\n`);
    if (error instanceof Fault) return EXIT_CODES[error.verdict];
    return EXIT_USAGE;
  }
}

function describe() {
  const { dependencies, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const capabilities = ['describe', 'decode', 'encode', ...(existsSync(ENGINE) ? ['record', 'replay'] : [])];
  const engine = { name: 'jco', version: dependencies['@bytecodealliance/jco'] };
  process.stdout.write(`${JSON.stringify({ name: 'jco', version, format: '0.1', capabilities, engine })}\n`);
  return 0;
}

/** Prints what stands before the fault, then says the verdict. // [TESTEE-05] */
function decode(args) {
  if (args.length !== 1) throw new UsageError('usage: crossing-engine-jco decode TRACE');
  const input = openSync(args[0]);
  const out = new TextWriter(new DescriptorSink(1));
  for (const item of readTrace(input)) {
    if (item.verdict === undefined) {
      for (const part of jsonParts(item)) out.write(part);
      out.write('\n');
      continue;
    }
    out.flush();
    if (item.verdict !== 'ok') process.stderr.write(`${args[0]}: ${item.message}\n`);
    return EXIT_CODES[item.verdict];
  }
}

function encode(args) {
  const { input, output, force } = encodeArguments(args);
  const lines = readLines(openSync(input));
  let descriptor;
  try {
    descriptor = openSync(output, force ? 'w' : 'wx', 0o600); // [TESTEE-04] [SEC-03]
  } catch (error) {
    throw error.code === 'EEXIST' ? new UsageError(`${output} is already there; --force overwrites it`) : error;
  }
  let number = 0;
  try {
    let writer = null;
    for (const line of lines) {
      number++;
      const item = fromJson(line);
      if (writer === null) {
        if (!item.trace_info) throw new Fault('invalid', 'trace_info in the first line', Object.keys(item)[0]);
        writer = new TraceWriter(new DescriptorSink(descriptor), item.trace_info, { blockMs: Infinity });
      } else {
        put(writer, item);
      }
    }
    if (writer === null) throw new Fault('invalid', 'trace_info in the first line', 'no line');
    writer.finish();
  } catch (error) {
    unlinkSync(output);
    if (error instanceof Fault) process.stderr.write(`${input}: line ${number}: `);
    throw error;
  } finally {
    closeSync(descriptor);
  }
  return 0;
}

function put(writer, item) {
  if (item.definition) {
    writer.define(item.definition, item.value);
  } else if (item.attachment) {
    writer.attachPiece(item.attachment);
  } else if (item.event) {
    const { sequence } = item.event;
    if (sequence !== writer.nextSequence) throw new Fault('invalid', `sequence ${writer.nextSequence}`, `${sequence}`); // [EVENT-01]
    writer.event(item.event);
  } else {
    throw new Fault('invalid', 'one trace_info', 'another'); // [STREAM-01]
  }
}

function encodeArguments(args) {
  const usage = 'usage: crossing-engine-jco encode JSON --out TRACE [--force]';
  const rest = [...args];
  const force = take(rest, '--force', 1) !== null;
  const output = take(rest, '--out', 2)?.[1];
  if (rest.length !== 1 || output === undefined) throw new UsageError(usage);
  return { input: rest[0], output, force };
}

/** Removes an option and its values from `args`; null when it is not there. */
function take(args, name, count) {
  const at = args.indexOf(name);
  return at < 0 ? null : args.splice(at, count);
}

/** Text to a sink, some at a time. */
class TextWriter {
  #sink;
  #parts = [];
  #size = 0;

  constructor(sink) {
    this.#sink = sink;
  }

  write(text) {
    this.#parts.push(text);
    this.#size += text.length;
    if (this.#size >= BUFFER_SIZE) this.flush();
  }

  flush() {
    this.#sink.write(Buffer.from(this.#parts.join('')));
    this.#parts = [];
    this.#size = 0;
  }
}
