import { inspect } from './trie.js';
