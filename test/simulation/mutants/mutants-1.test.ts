import { catchMutants } from './catching.js';

catchMutants(0);
