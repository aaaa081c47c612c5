import { filter, Subscription, type Observable } from 'rxjs';
import type { Env } from '../env/env.js';
import { fraction } from '../env/random.js';
import { deadline } from '../env/time.js';
import type { Address } from '../transport/address.js';
import { ConnectionFailed, type AuthenticateConfig } from '../transport/authenticate.js';
import type { Link, LinkStatus } from '../transport/link.js';
import type { Awake } from './life/life.js';

/** What the resumer needs of the network. */
export interface ResumerContext {
  readonly env: Env;
  /** Emits when a pause should end: what had no connection may have one now. */
  readonly awake$: Observable<Awake>;
  /** Goes on with a link over a new connection. */
  dial(address: Address, link: Link): Observable<Link>;
}

/** The first attempt is made within this time, ms: when a whole network comes back, not all of its nodes come at one moment. */
const FIRST_PAUSE = 100;
/** The next pause is that long, ms, and each later one twice as long. */
const SECOND_PAUSE = 200;
/** The longest pause, ms; a link waits for a limited time, and there have to be so many attempts in it. */
const LONGEST_PAUSE = 5_000;
const ATTEMPTS = 5;
/** An attempt without an answer is not waited for longer than for a pause, but so long, ms. */
const SHORTEST_PATIENCE = 2_000;

/** Links that outlive their connections: the end that has dialled connects again, with growing pauses (V10). */
export function createResumer({ env, awake$, dial }: ResumerContext) {
  const { clock, log, random } = env;
  const links = new Map<string, Link>();

  const find = (id: string): Link | undefined => links.get(id);

  const reconnect = (link: Link, address: Address, time: number): void => {
    const { node } = link;
    const longest = Math.min(LONGEST_PAUSE, time / ATTEMPTS);
    const patience = Math.max(SHORTEST_PATIENCE, longest);
    let pause = SECOND_PAUSE;
    /** A timer, or an attempt. */
    let waiting = new Subscription();

    const wait = (ms: number): void => {
      link.retryAt(clock.monotonic() + ms);
      waiting = new Subscription(clock.after(ms, tryNow));
      waiting.add(awake$.subscribe(() => {
        pause = SECOND_PAUSE;
        tryNow();
      }));
    };
    const tryNow = (): void => {
      waiting.unsubscribe();
      attempt();
    };
    const attempt = (): void => {
      const dialing = new Subscription();
      waiting = dialing;
      const over = (): void => { dialing.unsubscribe(); };
      dialing.add(deadline(clock, patience, () => {
        over();
        failed(new Error(`no answer within ${patience} ms`));
      }));
      // a connection that was begun while there was no way may take long to notice that there is one
      dialing.add(awake$.pipe(filter((awake) => awake === 'redial')).subscribe(() => {
        over();
        attempt();
      }));
      dialing.add(dial(address, link).subscribe({ error: (error: unknown) => { over(); failed(error); }, complete: over }));
    };
    const failed = (error: unknown): void => {
      const text = error instanceof Error ? error.message : String(error);
      log.debug({ node }, `the link with ${node} can't go on yet: ${text}`);
      if (error instanceof ConnectionFailed && error.failure === 'forgotten') link.close(text);
      else if (link.status.status === 'suspended') {
        wait(Math.min(pause, longest));
        pause *= 2;
      }
    };
    const changed = (status: LinkStatus): void => {
      if (status.status === 'up') pause = SECOND_PAUSE;
      else if (status.nextTry === undefined) wait(fraction(random) * FIRST_PAUSE);
    };
    link.status$.subscribe({ next: changed, complete: () => { waiting.unsubscribe(); } });
  };

  const tell = ({ node, status$ }: Link): void => {
    let was: LinkStatus['status'] = 'up';
    status$.subscribe((status) => {
      if (status.status === was) return;
      was = status.status;
      if (status.status === 'up') log.info({ node }, `the link with ${node} goes on`);
      else log.info({ node, reason: status.reason }, `the connection with ${node} broke, and may come back: ${status.reason}`);
    });
  };

  return {
    /** There is a new link; `address` is where this end has dialled. */
    linked(link: Link, address: Address | undefined): void {
      const { resumption } = link;
      if (resumption === undefined) return;
      const { id, time } = resumption;
      links.set(id, link);
      link.closed$.subscribe(() => { links.delete(id); });
      tell(link);
      if (address !== undefined) reconnect(link, address, time);
    },
    find,
    has: ({ resumption }: Link): boolean => resumption !== undefined && links.has(resumption.id),
    /** What a handshake needs to go on with a link: this end with the given one, the other end with the one that it names. */
    part: (resumes: Link | undefined): Pick<AuthenticateConfig, 'resumes' | 'resumable' | 'goOn'> => ({
      resumes: resumes && resumableOf(resumes),
      resumable(id) {
        const link = links.get(id);
        return link && resumableOf(link);
      },
      goOn(established) {
        const { resumed } = established.agreement;
        const link = resumed && links.get(resumed.id);
        return resumed !== undefined && link?.resumeOver(established, resumed.taken) === true ? link : undefined;
      },
    }),
  };
}

function resumableOf(link: Link): AuthenticateConfig['resumes'] {
  const { resumption, peer } = link;
  return resumption && { id: resumption.id, key: resumption.key, peer, get taken() { return link.taken; } };
}
