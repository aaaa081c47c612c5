/** The cases in a process of Node.js, Bun or Deno: the ground comes as its argument, the outcomes go to standard output. Then it has to end by itself. */
import { runCases, type Ground } from './cases.js';

const ground = JSON.parse(process.argv[2] ?? '') as Ground;
const outcomes = await runCases({ ...ground, begun: (name) => { console.error(name); } });
console.log(JSON.stringify(outcomes));
