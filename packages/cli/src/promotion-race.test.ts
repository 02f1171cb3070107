/**
 * Promotions of many processes at once on a folder. `RACE_PROCESSES` and `RACE_ROUNDS` set how many; `npm run test:kills` makes it 64
 * processes and 200 rounds.
 */
import path from 'node:path';
import { fileStore } from '@fraudops/core';
import { modelRegistry } from '@fraudops/registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { racePromotions } from './promotion-race.fixture.js';
import { MODEL, type RegistryProcesses, registryProcesses } from './registry-processes.fixture.js';

const processCount = Number(process.env['RACE_PROCESSES'] ?? 8);
const rounds = Number(process.env['RACE_ROUNDS'] ?? 20);

let program: RegistryProcesses;
beforeAll(async () => {
  program = await registryProcesses();
}, 60_000);
afterAll(() => program.dispose());

const startAll = (address: string, count: number) => Promise.all(Array.from({ length: count }, () => program.start(address)));

describe('the registry between processes, in a folder', () => {
  it('numbers what many register at once without gaps', { timeout: 60_000 }, async () => {
    const address = path.join(program.folder, 'register');
    const workers = await startAll(address, 6);
    const versions: number[] = [];
    await Promise.all(
      workers.map(
        (worker) =>
          new Promise<void>((resolve, reject) => {
            let count = 0;
            worker.tell({ register: 5 }, (answer) => {
              if (!('registered' in answer)) reject(new Error(JSON.stringify(answer)));
              else if (versions.push(answer.registered) && ++count === 5) resolve();
            });
          }),
      ),
    );
    expect(versions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    expect(await modelRegistry(fileStore(address)).verify(MODEL)).toMatchObject({
      ok: true,
      versionCount: 30,
      artifactCount: 90,
    });
    await Promise.all(workers.map((worker) => worker.kill()));
  });

  it(`lets exactly one of ${processCount} win each of ${rounds} promotions`, { timeout: 600_000 }, async () => {
    const address = path.join(program.folder, 'race');
    const processes = await startAll(address, processCount);
    expect(await racePromotions({ registry: modelRegistry(fileStore(address)), processes, rounds })).toEqual({ doubts: {} });
    await Promise.all(processes.map((each) => each.kill()));
  });
});
