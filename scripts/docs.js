/**
 * `npm run docs`: the reference of all published packages, in docs/api. A broken link, or a type that the public API mentions but doesn't
 * export, is an error.
 */
import path from 'node:path';
import { Application, OptionDefaults } from 'typedoc';
import { publishedPackages, top } from './workspaces.js';

const out = path.join(top, 'docs', 'api');

const application = await Application.bootstrapWithPlugins({
  name: '@fraudops',
  entryPointStrategy: 'packages',
  entryPoints: publishedPackages().map(({ directory }) => directory),
  packageOptions: {
    // The subpaths that are for people; a worker's entry is not.
    entryPoints: ['src/@(index|testing).ts'],
    // `npm run types` does that, once for all packages.
    skipErrorChecking: true,
    excludeInternal: true,
    excludePrivate: true,
    disableGit: true,
    gitRevision: 'main',
    sourceLinkTemplate: 'https://github.com/fraudops/fraudops/blob/{gitRevision}/{path}#L{line}',
  },
  out,
  highlightLanguages: [...OptionDefaults.highlightLanguages, 'python', 'sql'],
  readme: path.join(top, 'docs', 'architecture.md'),
  includeVersion: true,
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
  logLevel: 'Warn',
});
const project = await application.convert();
if (project) application.validate(project);
if (!project || application.logger.hasErrors() || application.logger.hasWarnings()) process.exit(1);
await application.generateOutputs(project);
console.log(`wrote ${path.relative(top, out)}/index.html`);
