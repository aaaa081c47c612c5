import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

const PROGRAM = 'nginx';

/** What `nginx -v` says; undefined: it is not installed. */
export function nginxVersion(): string | undefined {
  const { status, stderr } = spawnSync(PROGRAM, ['-v'], { encoding: 'utf8', env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` } });
  return status === 0 ? stderr.trim().replace('nginx version: ', '') : undefined;
}

/** What is in front of a node. */
export interface NginxOptions {
  /** Port of the node on 127.0.0.1. */
  readonly to: number;
  /** Lines of the `location`, besides `proxy_pass`. */
  readonly location: readonly string[];
  /** PEM text with key and certificate: then it listens with TLS. */
  readonly cert?: string;
}

/** A listening socket, with what Node.js doesn't tell. */
interface WithDescriptor {
  readonly _handle: { readonly fd: number };
}

export interface Nginx {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts nginx on 127.0.0.1, at a port that the system chooses. */
export async function startNginx({ to, location, cert }: NginxOptions): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'rxmp-nginx-'));
  // nginx can't be told to take any port: it gets a socket that listens already, as from the nginx that it would replace
  const socket = createServer();
  await new Promise<void>((resolve) => socket.listen(0, '127.0.0.1', resolve));
  const { port } = socket.address() as AddressInfo;
  if (cert !== undefined) writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'nginx.conf'), configuration(folder, port, to, location, cert !== undefined));
  const child = spawn(PROGRAM, ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'], {
    env: { PATH: `${process.env['PATH']}:/usr/sbin`, NGINX: '3;' },
    stdio: ['ignore', 'ignore', 'pipe', (socket as unknown as WithDescriptor)._handle.fd],
  });
  socket.close();
  const end = (): void => void child.kill('SIGTERM');
  process.once('exit', end);
  await ready(child);
  return {
    port,
    async close() {
      const gone = once(child, 'exit');
      process.off('exit', end);
      end();
      await gone;
      rmSync(folder, { recursive: true });
    },
  };
}

function configuration(folder: string, port: number, to: number, location: readonly string[], tls: boolean): string {
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${folder}/${name};`);
  return `
daemon off;
worker_processes 1;
user ${userInfo().username};
pid ${folder}/nginx.pid;
error_log stderr notice;
events { worker_connections 256; }
http {
  access_log off;
${folders.join('\n')}
  server {
    listen 127.0.0.1:${port}${tls ? ' ssl' : ''};
${tls ? `    ssl_certificate ${folder}/cert.pem;\n    ssl_certificate_key ${folder}/cert.pem;` : ''}
    location /mp {
      proxy_pass http://127.0.0.1:${to};
${location.map((line) => `      ${line}`).join('\n')}
    }
  }
}
`;
}

/** Resolves when nginx runs, and rejects with what it says when it can't. */
function ready(child: ChildProcess): Promise<void> {
  let text = '';
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.once('exit', () => { reject(new Error(`nginx has ended: ${text}`)); });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('start worker process ')) resolve();
    });
  });
}
