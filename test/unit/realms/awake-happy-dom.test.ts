// @vitest-environment happy-dom
import { describe } from 'vitest';
import { testAwake } from './awake-cases.js';

describe('V12: a page that is awake again, in the environment happy-dom', testAwake);
