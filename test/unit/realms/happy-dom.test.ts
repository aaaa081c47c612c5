// @vitest-environment happy-dom
import { describe } from 'vitest';
import { testNodes } from './cases.js';

describe('nodes in the environment happy-dom', testNodes);
