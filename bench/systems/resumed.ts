import { createRxmp } from './rxmp.js';

/** rxmp with links that outlive their connections. */
export const system = createRxmp({ resumeTime: 10_000 });
