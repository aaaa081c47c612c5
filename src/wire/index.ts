export * from './errors.js';
export { framings, type Decoder, type Framing, type FramingLimits, type WireMessage } from './framing.js';
export {
  checkNodeId,
  formatAuth,
  formatGreeting,
  isNodeId,
  parseAuth,
  parseGreeting,
  type AuthLine,
  type Greeting,
} from './greeting.js';
export { createLineReader, type LineReader } from './lines.js';
export { makePortId, nodeOf, portNameOf } from './portid.js';
export { cleartextProof, hmacProof, verifyProof, type GreetingLines } from './proof.js';
export { decodeRequest, request, type Request } from './requests.js';
