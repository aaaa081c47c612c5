// Says, after `npm test`, which tests were none of those that ran, since they need more than npm brings.
import { existsSync } from 'node:fs';

const PARTS = [
  { what: 'a real nginx', script: 'test:nginx', paths: ['/usr/sbin/nginx', '/usr/bin/nginx'], install: 'nginx-light' },
  { what: 'a real Chromium', script: 'test:browser', paths: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'], install: 'chromium', variable: 'CHROMIUM' },
  { what: 'Bun, Deno, workerd and other versions of Node.js', script: 'platforms', paths: [] },
];

for (const { what, script, paths, install, variable } of PARTS) {
  const isThere = process.env[variable] !== undefined || paths.some((path) => existsSync(path));
  const why = isThere || install === undefined ? '' : ` It is not installed: apt-get install ${install}.`;
  console.log(`The tests with ${what} did not run, and are not counted: npm run ${script} runs them.${why}`);
}
