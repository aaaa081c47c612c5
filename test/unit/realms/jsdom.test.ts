// @vitest-environment jsdom
import { describe } from 'vitest';
import { testNodes } from './cases.js';

describe('nodes in the environment jsdom', testNodes);
