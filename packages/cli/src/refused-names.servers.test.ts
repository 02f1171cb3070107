import { memoryStore } from '@fraudops/core';
import { expect, it } from 'vitest';
import { refusalsOn } from './refused-names.fixture.js';
import { serverPlaces } from './server-places.fixture.js';

it.each(serverPlaces)('names that are none get the same errors on %s as in memory', async (_name, makePlace) => {
  const place = await makePlace();
  try {
    expect(await refusalsOn(await place.openAt())).toEqual(await refusalsOn(memoryStore()));
  } finally {
    await place.dispose();
  }
});
