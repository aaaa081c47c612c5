/** Many lights, keys of one family, some of which change all the time. */
import { createNode } from 'rxmp';

const LEVELS = 5;
const PERIOD = 20;

const { SEED: seed = '', SECRET: secret = '', LIGHTS: lights = '10000', CHANGES: changes = '1000' } = process.env;
const node = await createNode({ nodeid: 'board/lights', seeds: [seed], secret });

const pick = (below: number): number => Math.floor(Math.random() * below);
const light = (number: number): void => void node.dbSet('lights', String(number), pick(LEVELS));
for (let i = 0; i < Number(lights); i++) light(i);

/** A timer is late at times: what is due is made good. */
let done = 0;
const began = performance.now();
setInterval(() => {
  for (const due = ((performance.now() - began) / 1_000) * Number(changes); done < due; done++) light(pick(Number(lights)));
}, PERIOD);

// without its server nobody needs it
process.once('disconnect', () => process.exit());
