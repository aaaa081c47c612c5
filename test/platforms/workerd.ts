/** The cases in workerd, one request for all of them. */
import { runCases, type Ground } from './cases.js';

export default {
  async fetch(request: { json(): Promise<unknown> }): Promise<unknown> {
    return Response.json(await runCases(await request.json() as Ground));
  },
};
