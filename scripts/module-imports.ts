/**
 * What a source file imports, in every way a TypeScript module can: `import`, `export ... from`, `import x = require()`, `require()`,
 * `import()` as an expression and as a type. Read with TypeScript's own parser, so comments and strings don't fool it.
 */
import ts from 'typescript';

/** One import. */
export interface ModuleImport {
  /** What is imported, such as `@fraudops/core` or `./table.js`; undefined when it is computed at run time. */
  readonly specifier: string | undefined;
  /** Line in the file, from 1. */
  readonly line: number;
}

/**
 * The imports of a source text, in their order.
 *
 * @example moduleImports('a.ts', "import { z } from 'zod';"); // [{ specifier: 'zod', line: 1 }]
 */
export function moduleImports(fileName: string, text: string): ModuleImport[] {
  const source = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest);
  const found: ModuleImport[] = [];
  const visit = (node: ts.Node): void => {
    const imported = importedBy(node);
    if (imported) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      found.push({ specifier: ts.isStringLiteralLike(imported) ? imported.text : undefined, line: line + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The node that says what is imported, if this node imports. */
function importedBy(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isExternalModuleReference(node)) return node.expression;
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument;
  if (!ts.isCallExpression(node) || node.arguments.length === 0) return undefined;
  const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword;
  const isRequire = ts.isIdentifier(node.expression) && node.expression.text === 'require';
  return isImport || isRequire ? node.arguments[0] : undefined;
}
