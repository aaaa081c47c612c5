// Installs the platforms, of which the package itself needs none, unless they are there as the lockfile has them.
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';

const file = (name) => new URL(name, import.meta.url);
const installed = file('node_modules/.package-lock.json');
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(file('package-lock.json')).mtimeMs) {
  console.log('installing the platforms, some 900 MB');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: file('.'), stdio: 'inherit' });
}
