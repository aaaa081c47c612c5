// @vitest-environment jsdom
import { describe } from 'vitest';
import { testLife } from './life-cases.js';

describe('A3: the life of a page, in the environment jsdom', testLife);
