import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kilometersBetween } from './great-circle.js';

const HALF_AROUND_KM = Math.PI * 6371.0088;
const latitude = fc.double({ min: -90, max: 90, noNaN: true });
const longitude = fc.double({ min: -180, max: 180, noNaN: true });
const places = fc.tuple(latitude, longitude, latitude, longitude);

describe('kilometersBetween', () => {
  // The haversine formula in mpmath 1.4.1 with 60 digits, radius 6371.0088 km; haversine 2.9.0 and geographiclib 2.1 (sphere) agree.
  it.each([
    ['Paris to London', 48.8566, 2.3522, 51.5074, -0.1278, 343.5565348808836],
    ['New York to Tokyo', 40.7128, -74.006, 35.6762, 139.6503, 10851.747837814115],
    ['Sydney to Buenos Aires', -33.8688, 151.2093, -34.6037, -58.3816, 11801.08242611592],
    ['one degree of the equator', 0, 0, 0, 1, 111.1950802335329],
    ['next door', 52.2297, 21.0122, 52.2298, 21.0123, 0.013039500539712678],
    ['a tenth of a millimetre', 0, 0, 1e-9, 0, 1.1119508023353291e-7],
    ['over the date line', 0, 179.9, 0, -179.9, 22.23901604670658],
    ['pole to pole', 90, 0, -90, 120, 20015.114442035923],
    ['to the antipode', 12.5, 30, -12.5, -150, 20015.114442035923],
    ['across a pole', 89.9999, 0, 89.9999, 180, 0.022239016046706583],
    ['nowhere', 45, 45, 45, 45, 0],
  ])('%s', (_, fromLatitude, fromLongitude, toLatitude, toLongitude, kilometers) => {
    const found = kilometersBetween(fromLatitude, fromLongitude, toLatitude, toLongitude);
    // A nanometre, or what is lost of close places whose degrees are large numbers.
    expect(Math.abs(found - kilometers)).toBeLessThan(1e-12 + 1e-10 * kilometers);
  });

  it('is nothing at a pole, whatever the longitude', () => {
    fc.assert(fc.property(longitude, longitude, (from, to) => kilometersBetween(90, from, 90, to) < 1e-9));
  });

  it('is the same both ways, nothing to the place itself, and at most half around the earth', () => {
    fc.assert(
      fc.property(places, ([fromLatitude, fromLongitude, toLatitude, toLongitude]) => {
        const there = kilometersBetween(fromLatitude, fromLongitude, toLatitude, toLongitude);
        const back = kilometersBetween(toLatitude, toLongitude, fromLatitude, fromLongitude);
        expect(there).toBe(back);
        expect(there).toBeGreaterThanOrEqual(0);
        expect(there).toBeLessThanOrEqual(HALF_AROUND_KM);
        expect(kilometersBetween(fromLatitude, fromLongitude, fromLatitude, fromLongitude)).toBe(0);
      }),
    );
  });

  it('reaches half around the earth at antipodes, within a metre', () => {
    fc.assert(
      fc.property(latitude, longitude, (north, east) => {
        const found = kilometersBetween(north, east, -north, east > 0 ? east - 180 : east + 180);
        expect(Math.abs(found - HALF_AROUND_KM)).toBeLessThan(0.001);
      }),
    );
  });

  it.each([
    [Number.NaN, 0, 0, 0],
    [0, Number.NaN, 0, 0],
    [0, 0, Number.NaN, 0],
    [0, 0, 0, Number.NaN],
    [90.1, 0, 0, 0],
    [0, -180.1, 0, 0],
    [0, 0, -91, 0],
    [0, 0, 0, 181],
    [Infinity, 0, 0, 0],
  ])('is NaN for a coordinate that is missing or off the globe: %d %d to %d %d', (...coordinates) => {
    expect(kilometersBetween(...coordinates)).toBeNaN();
  });
});
