// componentize.mjs SOURCE.js WORLD.wit OUT.wasm: a component of a JavaScript module.
// The world is given as text: read from a folder it would need its host's file system.
import { readFileSync, writeFileSync } from 'node:fs';
import { componentize } from '@bytecodealliance/componentize-js';

const [source, world, out] = process.argv.slice(2);
const { component } = await componentize({
    sourcePath: source,
    witWorld: readFileSync(world, 'utf8'),
    disableFeatures: ['http', 'fetch-event'],
});
writeFileSync(out, component);
