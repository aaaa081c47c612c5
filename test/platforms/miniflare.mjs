// Runs the cases in workerd: `node miniflare.mjs <script> <ground>`. A program of its own, since miniflare wants Node.js 22.
import { readFileSync } from 'node:fs';
import { Miniflare } from 'miniflare';

const [, , script, ground] = process.argv;
const miniflare = new Miniflare({ modules: [{ type: 'ESModule', path: 'script.js', contents: readFileSync(script, 'utf8') }], compatibilityDate: '2026-07-30' });
const response = await miniflare.dispatchFetch('http://localhost/', { method: 'POST', body: ground });
console.log(await response.text());
await miniflare.dispose();
