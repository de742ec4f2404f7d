import { recordOptions, replayOptions } from './engine-args.js';
import { EngineError } from './engine-error.js';

/**
 * The commands of the engine, by spec/testee.md. Each takes the arguments after its name, says on
 * standard error why it cannot go on, and returns the exit code. // [TESTEE-01] [VERDICT-05]
 */
export async function record(argv) {
  return inOneSentence(async () => {
    const options = recordOptions(argv);
    const { recordGuest } = await import('./record.js');
    return recordGuest(options);
  });
}

export async function replay(argv) {
  return inOneSentence(async () => {
    const options = replayOptions(argv);
    const { replayTrace } = await import('./replay.js');
    return replayTrace(options);
  });
}

async function inOneSentence(command) {
  try {
    return await command();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    console.error(`crossing-engine-jco: ${error.message}`);
    return error.exitCode;
  }
}
