import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulateTransactions, writeTransactions } from '@fraudops/features';
import { describe, expect, it } from 'vitest';
import { trainOnCsv } from './train-on-csv.js';

describe('trainOnCsv', () => {
  it('trains on a CSV file, finds frauds far better than chance, saves money, and writes the page', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fraudops-train-on-csv-'));
    try {
      const [csvPath, pagePath] = [join(folder, 'payments.csv'), join(folder, 'evaluation.html')];
      await writeTransactions(csvPath, simulateTransactions({ rows: 40_000, days: 100, seed: 7 }));
      const { candidate, prevalence, policy } = await trainOnCsv(csvPath, pagePath);
      expect(candidate.averagePrecision.value!).toBeGreaterThan(5 * prevalence);
      expect(policy!.outcome.savedPerDay).toBeGreaterThan(0);
      expect(policy!.outcome.reviewsPerDay).toBeLessThanOrEqual(10);
      expect(await readFile(pagePath, 'utf8')).toContain('What drives the scores');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
