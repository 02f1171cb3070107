import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { publishedPackages, top } from './workspaces.js';

const read = (...names: string[]) => readFileSync(path.join(top, ...names), 'utf8');
const packages = publishedPackages();
const names = packages.map(({ name }) => name);

const changesets = readdirSync(path.join(top, '.changeset')).filter((file) => file.endsWith('.md') && file !== 'README.md');

describe.each(changesets)('.changeset/%s', (file) => {
  const [, header = '', text = ''] = /^---\n(.*?)\n---\n(.*)$/s.exec(read('.changeset', file)) ?? [];

  it('names published packages, and how their versions change', () => {
    const changes = header
      .split('\n')
      .map((line) => /^'([^']+)': (patch|minor|major)$/.exec(line)?.[1] ?? `not understood: ${line}`);
    expect(changes).not.toEqual([]);
    expect(names).toEqual(expect.arrayContaining(changes));
  });

  it('tells users what changed', () => expect(text.trim()).not.toBe(''));
});

describe('.size-limit.json', () => {
  const budgets = JSON.parse(read('.size-limit.json')) as { name: string; path: string; limit: string }[];

  it('has a budget for what each published package loads', () => {
    const wanted = packages.map(({ name, directory }) => ({
      name,
      path: `${path.relative(top, directory).replaceAll('\\', '/')}/dist/{index,chunk-*}.js`,
    }));
    expect(budgets.map((budget) => ({ name: budget.name, path: budget.path }))).toEqual(expect.arrayContaining(wanted));
  });

  it('has no budget that nothing could exceed', () => {
    for (const { name, limit } of budgets) expect(Number.parseFloat(limit), name).toBeLessThanOrEqual(130);
  });
});
