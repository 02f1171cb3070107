/** The section on gates in the README of `@fraudops/registry`: its code runs as it stands, and prints what is shown below it. */
import { readFileSync } from 'node:fs';
import * as core from '@fraudops/core';
import * as registry from '@fraudops/registry';
import * as train from '@fraudops/train';
import ts from 'typescript';
import { expect, it } from 'vitest';

const MODULES: Readonly<Record<string, unknown>> = {
  '@fraudops/core': core,
  '@fraudops/registry': registry,
  '@fraudops/train': train,
};

it('the example of the gates prints what is shown', async () => {
  const markdown = readFileSync(new URL('../../registry/README.md', import.meta.url), 'utf8');
  const section = markdown.slice(markdown.indexOf('\n## Gates\n'));
  const [, code, shown] = /```ts\n(.*?)```.*?```text\n(.*?)```/s.exec(section)!;
  const { outputText } = ts.transpileModule(code!, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const printed: string[] = [];
  const AsyncFunction = (async () => {}).constructor as new (...source: string[]) => (...given: unknown[]) => Promise<void>;
  await new AsyncFunction('require', 'exports', 'console', outputText)(
    (name: string) => MODULES[name],
    {},
    { log: (...values: unknown[]) => printed.push(values.join(' ')) },
  );
  expect(`${printed.join('\n')}\n`).toBe(shown);
});
