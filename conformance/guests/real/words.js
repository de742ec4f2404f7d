// A command in JavaScript: counts the words of standard input, prints the most frequent ones as
// JSON, and uses what a program has of its host beside that: arguments, environment, clocks, chance.
import { getArguments, getEnvironment } from 'wasi:cli/environment@0.2.3';
import { getStdin } from 'wasi:cli/stdin@0.2.3';

const CHUNK = 16384n;

/** All of standard input as text. */
function readAll() {
    const stdin = getStdin();
    const decoder = new TextDecoder();
    let text = '';
    for (;;) {
        try {
            text += decoder.decode(stdin.blockingRead(CHUNK), { stream: true });
        } catch (error) {
            if (error.payload?.tag === 'closed') return text + decoder.decode();
            throw error;
        }
    }
}

/** Fisher and Yates: the order depends on the host's random numbers, and so do the ties below. */
function shuffle(list) {
    for (let i = list.length - 1; i > 0; i--) {
        const j = Math.floor(Math.random() * (i + 1));
        [list[i], list[j]] = [list[j], list[i]];
    }
    return list;
}

export const run = {
    run() {
        const [, ...args] = getArguments();
        if (args.includes('--fail')) throw undefined;  // the error case of the result
        const started = performance.now();
        const counts = new Map();
        const text = readAll();
        for (const [word] of text.matchAll(/[A-Za-z\u00c0-\u024f]+/g)) {
            const key = word.toLowerCase();
            counts.set(key, (counts.get(key) ?? 0) + 1);
        }
        const top = shuffle([...counts]).sort(([, a], [, b]) => b - a).slice(0, 20);
        console.log(JSON.stringify({ args, environment: getEnvironment(), letters: text.length, words: counts.size, top }));
        console.error(`${new Date().toISOString()} ${performance.now() - started} ms`);
    },
};
