/** The request to a node port that carries packets. No node of AnyEvent::MP is sent it. */
export const CHANNEL = 'rxmp_channel';

/** What a channel is wanted for: to be passed on to a node; or, at that node, to be the connection of one that a relay passes on. */
export const RELAY = 'relay';
export const RELAYED = 'relayed';
/** At that node: to be the connection of another node of the same browser, as if that had connected itself (A4). */
export const SHARED = 'shared';

/** To be the talk of the two ends of a stream; to carry what is written to it. */
export const STREAM = 'stream';
export const STREAM_DATA = 'stream data';
