/**
 * `node scripts/complete-lock.js`, after dependencies changed: adds to package-lock.json what npm left out.
 *
 * Tools with native binaries name one optional package for each platform. Where a registry has only some of them, npm writes only those
 * into the lock file, and `npm ci` then refuses the file everywhere. An entry that is added here has the version that its tool asks for
 * and the platform that its name says, so npm passes it over on every other platform. It has no checksum, since nothing was downloaded.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { top } from './workspaces.js';

const SYSTEMS = new Set(['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']);
const PROCESSORS = new Set(['arm', 'arm64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64']);

const file = path.join(top, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));

const added = Object.entries(lock.packages).flatMap(([place, entry]) =>
  Object.entries(entry.optionalDependencies ?? {})
    .filter(([name]) => !(`node_modules/${name}` in lock.packages) && !(`${place}/node_modules/${name}` in lock.packages))
    .map(([name, version]) => [`node_modules/${name}`, platformEntry(name, version, entry)]),
);
lock.packages = Object.fromEntries([...Object.entries(lock.packages), ...added].sort(([a], [b]) => a.localeCompare(b, 'en')));
writeFileSync(file, `${JSON.stringify(lock, undefined, 2)}\n`);
console.log(`added ${added.length} packages of other platforms to package-lock.json`);

function platformEntry(name, version, tool) {
  const words = name.split('/').at(-1).split('-');
  const os = words.filter((word) => SYSTEMS.has(word));
  const cpu = words.filter((word) => PROCESSORS.has(word));
  if (os.length !== 1 || cpu.length !== 1 || !/^\d+\.\d+\.\d+/.test(version)) {
    throw new Error(`${name} ${version} is missing in package-lock.json, and its name does not say for which platform it is`);
  }
  const libc = words.includes('musl') ? ['musl'] : words.includes('gnu') && os[0] === 'linux' ? ['glibc'] : undefined;
  return { version, cpu, ...(tool.dev && { dev: true }), ...(libc && { libc }), license: tool.license, optional: true, os };
}
