import 'ws';
import 'rxjs';
import 'cbor-x';
import 'immer';
import 'pino';

process.stdout.write('there\n', () => process.exit());
