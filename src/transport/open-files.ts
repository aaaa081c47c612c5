import type { Server } from 'node:net';

/** Of the files that a process may open, so many are kept from listeners: for connections that it makes itself, and for real files. */
const RESERVE = 64;
const RESERVED_SHARE = 0.1;

/** Connections above what a listener may hold that are accepted, to be closed at once: with a word, and not by the kernel's queue. */
const SURPLUS = 16;

interface Holder {
  readonly server: Pick<Server, 'maxConnections'>;
  /** How many it may hold by its own limit. */
  readonly most: number;
}

const holders = new Set<Holder>();
let known: number | undefined;

/** A report of Node.js; its types don't know `excludeNetwork` yet. */
export type Report = Pick<NodeJS.ProcessReport, 'getReport'> & { excludeNetwork?: boolean };

/** How many files the process may open; Infinity where the system does not tell. Other platforms than Node.js have no reports. */
export function limitOfSystem(report: Report | undefined): number {
  if (report === undefined) return Infinity;
  const before = report.excludeNetwork;
  // it would look up the names of all who are connected
  report.excludeNetwork = true;
  const made = report.getReport() as { readonly userLimits?: { readonly open_files?: { readonly soft?: unknown } } };
  if (before !== undefined) report.excludeNetwork = before;
  const soft = Number(made.userLimits?.open_files?.soft);
  return Number.isFinite(soft) ? soft : Infinity;
}

function openFiles(): number {
  known ??= limitOfSystem(process.report);
  return known;
}

const available = (files: number): number => Math.max(1, Math.floor(files - Math.max(RESERVE, files * RESERVED_SHARE)));

/** What each of so many listeners may hold: one that is full must not keep the others from accepting. */
export function shareOf(files: number, listeners: number, most: number): number {
  if (files === Infinity) return most;
  return Math.min(most, Math.max(1, Math.floor(available(files) / listeners)));
}

/** How many connections a server may hold: as many as its limit allows, and no more than its share of the process's files. */
export function createHolding(server: Pick<Server, 'maxConnections'>, most: number) {
  const holder: Holder = { server, most };
  const shareOut = (): void => {
    for (const each of holders) each.server.maxConnections = shareOf(openFiles(), holders.size, each.most) + SURPLUS;
  };
  return {
    get most() {
      return shareOf(openFiles(), Math.max(1, holders.size), most);
    },
    /** It listens from now on. */
    begin(): void {
      holders.add(holder);
      shareOut();
    },
    end(): void {
      holders.delete(holder);
      shareOut();
    },
  };
}
