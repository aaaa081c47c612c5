import type { Report } from './outcome.js';
import { number, type Outcome } from './row.js';
import { describe } from './table.js';

const BEGIN = '<!-- figures: begin -->';
const END = '<!-- figures: end -->';

/** Puts charts, by their addresses and texts, and the figures of a report between the marks of a document. */
export function withFigures(document: string, report: Report, images: Readonly<Record<string, string>>): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) throw new RangeError(`the document needs a line ${BEGIN} and, after it, a line ${END}`);
  return `${document.slice(0, begin + BEGIN.length)}\n${figures(report, images)}\n${document.slice(end)}`;
}

function figures({ made, machine, effort, rows }: Report, images: Readonly<Record<string, string>>): string {
  const head = `Measured on ${made.slice(0, 10)} (${effort} run): ${machine}.`;
  return [head, ...Object.entries(images).map(([address, text]) => `![${text}](${address})`), ...rows.map(section)].join('\n\n');
}

function section({ id, what, unit, results, verdicts }: Outcome): string {
  const lines = results.map((result) => {
    if ('absent' in result) return `| ${result.name} | | | not measured: ${result.absent} |`;
    const name = result.note === undefined ? result.name : `${result.name} (${result.note})`;
    return `| ${name} | ${number(result.min)} | **${number(result.median)}** | ${number(result.max)} |`;
  });
  const table = [`| ${unit} | min | median | max |`, '| --- | ---: | ---: | ---: |', ...lines].join('\n');
  const goals = verdicts.map((verdict) => `- goal: ${describe(verdict)}`);
  return [`### \`${id}\`: ${what}`, table, ...(goals.length === 0 ? [] : [goals.join('\n')])].join('\n\n');
}
