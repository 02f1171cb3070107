export { eachBounded } from '@fraudops/core';
