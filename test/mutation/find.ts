import ts from 'typescript';
import type { Change, Mutant } from './mutant.js';
import { operators } from './operators.js';
import { isRemovable, isSaid, isValue } from './syntax.js';

/** All mutants of a source; their ids count on from `firstId`. */
export function findMutants(file: string, source: string, firstId: number): readonly Mutant[] {
  const parsed = ts.createSourceFile(file, source, ts.ScriptTarget.ES2022, true);
  return changesOf(parsed).map((change, i) => ({
    ...change,
    id: firstId + i,
    file,
    line: parsed.getLineAndCharacterOfPosition(change.start).line + 1,
    before: source.slice(change.start, change.end),
  }));
}

function changesOf(parsed: ts.SourceFile): readonly Change[] {
  const changes: Change[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || isSaid(node)) return;
    const [start, end] = [node.getStart(), node.end];
    if (isRemovable(node) && !isSaid(node.expression)) changes.push({ operator: 'removal', start, end, text: '', isStatement: true });
    if (isValue(node)) {
      for (const [operator, make] of Object.entries(operators)) {
        for (const text of make(node)) changes.push({ operator, start, end, text, isStatement: false });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(parsed);
  return changes;
}
