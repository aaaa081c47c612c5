// @vitest-environment happy-dom
import { describe } from 'vitest';
import { testLife } from './life-cases.js';

describe('A3: the life of a page, in the environment happy-dom', testLife);
