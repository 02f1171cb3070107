/** Chapter 3 of the Fraud Detection Handbook: how well the models of `@fraudops/train` find frauds. */
import { models } from './models.js';

/** @type {import('../../run.js').Suite} */
export const suite = { title: 'handbook', cases: { models } };
