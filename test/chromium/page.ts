/** What a page of these tests has. */
import * as rxjs from 'rxjs';
import * as rxmp from 'rxmp';

Object.assign(globalThis, { rxmp, rxjs });
