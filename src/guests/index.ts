export { federate, monitor, read, send, spawn, write, type Ports, type ScopeLimits } from './rights.js';
export { attenuate, describeRight, union, type Right } from '../access/core/rights.js';
export type { GuestLimits } from '../access/core/allowance.js';
export type { GuestIdentity } from '../access/core/identity.js';
export type { GuestHandle } from '../access/gate/house.js';
export type { GuestCounts } from '../access/gate/session.js';
export type { Admission, GuestsOption, GuestVisit } from '../access/gate/types.js';
export { jwtGuests } from './jwt.js';
export type { JwtAdmission, JwtClaims, JwtCryptoKey, JwtGuestsOptions, JwtJsonKey, JwtKey } from './jwt-types.js';
