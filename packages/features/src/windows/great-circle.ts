/** Mean radius of the earth in kilometres, (2a + b) / 3 of WGS 84. */
const EARTH_RADIUS_KM = 6_371.0088;

const RADIANS = Math.PI / 180;

/**
 * Great-circle distance in kilometres of two places given in degrees, by the haversine formula on a sphere; NaN when a coordinate is
 * missing, a latitude beyond 90 degrees or a longitude beyond 180.
 */
export function kilometersBetween(fromLatitude: number, fromLongitude: number, toLatitude: number, toLongitude: number): number {
  const onGlobe =
    Math.abs(fromLatitude) <= 90 && Math.abs(toLatitude) <= 90 && Math.abs(fromLongitude) <= 180 && Math.abs(toLongitude) <= 180;
  if (!onGlobe) return Number.NaN;
  const halfLatitude = Math.sin(((toLatitude - fromLatitude) * RADIANS) / 2);
  const halfLongitude = Math.sin(((toLongitude - fromLongitude) * RADIANS) / 2);
  const across = Math.cos(fromLatitude * RADIANS) * Math.cos(toLatitude * RADIANS);
  const haversine = halfLatitude * halfLatitude + across * halfLongitude * halfLongitude;
  // Rounding can lift antipodes above 1.
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(haversine)));
}
