/**
 * Feature state in Redis: the histories of cards and shops shared by several processes, with no update lost.
 *
 * @packageDocumentation
 */
export * from './entity-states.js';
