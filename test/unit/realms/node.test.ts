// @vitest-environment node
import { describe } from 'vitest';
import { testNodes } from './cases.js';

describe('nodes in the environment node', testNodes);
