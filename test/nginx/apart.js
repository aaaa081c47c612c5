// Says, after `npm test`, that the tests with a real nginx were none of those that ran.
import { spawnSync } from 'node:child_process';

const { status } = spawnSync('nginx', ['-v'], { env: { PATH: `${process.env.PATH}:/usr/sbin` } });
const why = status === 0 ? '' : ' It is not installed: apt-get install nginx-light.';
console.log(`The tests with a real nginx did not run, and are not counted: npm run test:nginx runs them.${why}`);
