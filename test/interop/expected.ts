import { isDeepStrictEqual } from 'node:util';
import { portNameOf } from '../../src/wire/portid.js';
import type { DeviationId } from './deviations.js';
import type { Written } from './exact-json.js';
import type { Message } from './recorded.js';

/** What a client said in a row, and what Perl answered. */
export interface Recorded {
  readonly framing: string;
  readonly sent: readonly Message[];
  readonly answers: readonly Message[];
  /** A bad message came before, so that Perl had gone deaf, and the client has connected to rxmp again. */
  readonly cameBack: boolean;
}

/** What rxmp answers instead of one answer of Perl; undefined when the rule is about something else. */
type Rule = (answer: Message, recorded: Recorded) => readonly Message[] | undefined;

/** Each deviation says of which answers, and what becomes of them. */
const rules: readonly (readonly [DeviationId, Rule])[] = [
  [
    'can-after-failed-call',
    (answer, run) =>
      asked(run, 'can', answer)?.[2] === 'no_such_request' ? [[...answer.slice(0, -1), false]] : undefined,
  ],
  ['can-booleans', (answer, run) => (asked(run, 'can', answer) ? [[...answer.slice(0, -1), answer.at(-1) === '1']] : undefined)],
  ['eval-refused', (answer, run) => (asked(run, 'eval', answer) ? [[...answer.slice(0, 2), 'eval is refused here']] : undefined)],
  ['spawn-init-dies', (answer, run) => (initOf(answer, run) === '::init_die' ? [killed(answer, 'die', 'init failed')] : undefined)],
  ['spawn-without-receivers', (answer, run) => (initOf(answer, run) === '::init_norcv' ? [] : undefined)],
  [
    'spawn-unknown-function',
    (answer, run) => {
      const init = initOf(answer, run);
      return init === undefined
        ? undefined
        : [killed(answer, 'spawn_refused', init, `no function "${init}" is registered on node G`)];
    },
  ],
  [
    'json-numbers',
    (answer, { sent }) => {
      const echoed = sent.find(([port, reply]) => port === 'echo' && portNameOf(String(reply)) === answer[0]);
      return echoed?.some(isWritten) ? [[answer[0], ...echoed.slice(2).map(asDouble)]] : undefined;
    },
  ],
  ['cbor-references', (answer, { framing }) => (framing === 'cbor' && answer[1] === 'refs01' ? [[answer[0], 'refs01', 1, 0]] : undefined)],
];

/** What rxmp is to answer where Perl answered this; notes which deviations that takes. */
export function expectedAnswers(recorded: Recorded, used: Set<DeviationId>): readonly Message[] {
  const answers = recorded.answers.flatMap((answer) => {
    for (const [id, rule] of rules) {
      const instead = rule(answer, recorded);
      if (instead === undefined || isDeepStrictEqual(instead, [answer])) continue;
      used.add(id);
      return instead;
    }
    return [withoutTime(answer)];
  });
  // what Perl lost after a bad message is answered here
  const lost = recorded.cameBack && answers.length === 0 ? recorded.sent.filter(([port]) => port === 'echo') : [];
  return [...answers, ...lost.map(([, reply, ...data]) => [portNameOf(String(reply)), ...data])];
}

const EARLIEST = 1_700_000_000;
const DAY = 86_400;
const ANY_TIME = 'seconds since 1970';

/** Times differ from run to run: all that counts is that they are times. */
export function withoutTime(message: Message): Message {
  const last = message.at(-1);
  return isNow(last) || isRecordedTime(last) ? [...message.slice(0, -1), ANY_TIME] : message;
}

/** One of a thousand has no fraction. */
const isNow = (value: unknown): boolean => typeof value === 'number' && Math.abs(value - Date.now() / 1_000) < DAY;

const isRecordedTime = (value: unknown): boolean =>
  typeof value === 'number' && !Number.isInteger(value) && value > EARLIEST && value < 2 * EARLIEST;

/** The request with this tag that the message answers: it names the port, and how the answer begins. */
function asked({ sent }: Recorded, tag: string, answer: Message): Message | undefined {
  return sent.find(
    ([port, name, , reply, begins]) =>
      port === '' && name === tag && portNameOf(String(reply)) === answer[0] && begins === answer[1],
  );
}

/** The init function of the spawned port that Perl says does not exist. */
function initOf(answer: Message, { sent }: Recorded): string | undefined {
  if (answer[1] !== 'kil0' || answer[3] !== 'no_such_port') return undefined;
  const spawn = sent.find(([, tag, port]) => tag === 'AnyEvent::MP::_spawn' && port === answer[2]);
  return spawn === undefined ? undefined : String(spawn[3]);
}

function killed(answer: Message, ...reason: Message): Message {
  return [...answer.slice(0, 3), ...reason];
}

function isWritten(value: unknown): value is Written {
  return typeof value === 'object' && value !== null && 'written' in value;
}

/** What becomes of a number on its way through JavaScript. */
function asDouble(value: unknown): unknown {
  if (isWritten(value)) return JSON.parse(JSON.stringify(Number(value.written)));
  return Object.is(value, -0) ? 0 : value;
}
