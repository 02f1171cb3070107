// Run in a folder where the packed packages are installed: every entry of every package (the arguments) can be required from CommonJS,
// gives the same exports as `import`, and has its types. Prints one line an entry.
const { existsSync, readFileSync } = require('node:fs');
const path = require('node:path');

// Loaded in a worker thread, and in no other place.
const WORKERS = new Set(['@fraudops/features/compute-worker', '@fraudops/train/training-worker']);

async function checkEntry(specifier, targets) {
  if (!existsSync(path.join(path.dirname(require.resolve(specifier)), path.basename(targets.types)))) {
    throw new Error(`${specifier}: ${targets.types} is not in the package`);
  }
  if (WORKERS.has(specifier)) return 'a worker';
  const required = Object.keys(require(specifier)).sort();
  const imported = Object.keys(await import(specifier)).sort();
  if (required.length === 0 || required.join() !== imported.join()) {
    throw new Error(`${specifier}: require() gives ${required.join()}, import gives ${imported.join()}`);
  }
  return `${required.length} exports`;
}

async function main() {
  for (const name of process.argv.slice(2)) {
    const manifest = JSON.parse(readFileSync(require.resolve(`${name}/package.json`), 'utf8'));
    for (const [subpath, targets] of Object.entries(manifest.exports)) {
      if (typeof targets === 'string') continue;
      const specifier = path.posix.join(name, subpath);
      console.log(`${specifier}: ${await checkEntry(specifier, targets)}`);
    }
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
