/** A service over the tiny model by hand, for tests. */
import { jsonLogger, manualClock, memoryStore } from '@fraudops/core';
import { count, days, defineFeatures, field, handbookFeatures, handbookTransactions } from '@fraudops/features';
import { type BundleParts, registryWithModel } from './bundle.fixture.js';
import { type ScoringServiceOptions, scoringService } from './scoring-service.js';

export const clock = manualClock(Date.UTC(2018, 6, 2));

/** Another feature set over the same transactions. */
export const otherFeatures = defineFeatures(handbookTransactions, {
  TX_AMOUNT: field('TX_AMOUNT'),
  COUNT_2DAY: count({ per: 'CUSTOMER_ID', windowMs: days(2) }),
});

export async function start(options: Partial<ScoringServiceOptions> & { parts?: BundleParts } = {}) {
  const { parts, ...rest } = options;
  const registry = rest.registry ?? (await registryWithModel(memoryStore(), parts));
  const service = await scoringService({
    model: 'fraud',
    registry,
    online: handbookFeatures.online(),
    clock,
    pollMs: 0,
    ...rest,
  });
  return { service, registry };
}

export function logLines() {
  const lines: string[] = [];
  return { logger: jsonLogger((line) => lines.push(line)), lines };
}
