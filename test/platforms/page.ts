/** The cases in a page. */
import { runCases } from './cases.js';

Object.assign(globalThis, { runCases });
