import { guestSurface } from './guest-surface.js';
import { testSurface } from './surface-tests.js';

testSurface('G2, G12: what a guest says, before the tables of all requests', { word: 'shop::price', surface: guestSurface });
