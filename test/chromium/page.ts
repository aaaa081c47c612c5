/** What a page of these tests has. */
import * as rxjs from 'rxjs';
import * as rxmp from 'rxmp';
import * as shared from 'rxmp/shared';

Object.assign(globalThis, { rxmp, rxjs, shared });
