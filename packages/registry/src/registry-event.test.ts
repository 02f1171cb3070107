import { sha256Hex } from '@fraudops/core';
import { describe, expect, it } from 'vitest';
import { type RegistryEvent, decodeEvent, encodeEvent, eventKey, seqOfKey } from './registry-event.js';
import { sealJson } from './sealed-json.js';

const at = { model: 'fraud', seq: 2 };

const promoted: RegistryEvent = {
  id: 'e2',
  model: 'fraud',
  seq: 2,
  type: 'promoted',
  by: 'ana',
  why: 'first model',
  atMs: 1_700_000_000_000,
  previous: sha256Hex('event 1'),
  payload: {
    version: 1,
    stage: 'Production',
    incumbent: null,
    gates: [{ gate: 'g', passed: true, reason: 'ok', values: { x: 1 } }],
  },
};

describe('registry events', () => {
  it('are canonical JSON that holds the format, all fields, and a checksum', () => {
    // Written by hand from the format in registry-event.ts; the checksum is sha256sum of the text without it.
    const content =
      '{"atMs":1700000000000,"by":"ana","format":1,"id":"e2","model":"fraud","payload":{"gates":[{"gate":"g","passed":true,"reason":"ok",' +
      `"values":{"x":1}}],"incumbent":null,"stage":"Production","version":1},"previous":"${sha256Hex('event 1')}","seq":2,` +
      '"type":"promoted","why":"first model"}';
    const text = new TextDecoder().decode(encodeEvent(promoted));
    expect(text).toBe(content.replace('"format"', `"checksum":"${sha256Hex(content)}","format"`));
  });

  it('come back equal', () => expect(decodeEvent(encodeEvent(promoted), at)).toEqual(promoted));

  it('keep names and places', () => {
    expect(eventKey('fraud', 42)).toBe('models/fraud/log/00000042.json');
    expect(seqOfKey('fraud', 'models/fraud/log/00000042.json')).toBe(42);
    expect(seqOfKey('fraud', 'models/fraud/log/42.json')).toBeUndefined();
    expect(seqOfKey('fraud', 'models/other/log/00000042.json')).toBeUndefined();
    expect(() => decodeEvent(encodeEvent(promoted), { model: 'fraud', seq: 3 })).toThrow(
      'model fraud: event 3: it says that it is event 2',
    );
    expect(() => decodeEvent(encodeEvent(promoted), { model: 'other', seq: 2 })).toThrow('event 2 of model fraud');
  });

  it('ignore members that a later version added', () => {
    const later = sealJson({ ...promoted, payload: { ...promoted.payload, canaryShare: 0.1 }, region: 'eu', format: 1 });
    expect(decodeEvent(later, at)).toEqual(promoted);
  });

  it.each([
    ['a later format', { ...promoted, format: 2 }],
    ['an unknown type', { ...promoted, type: 'restored', format: 1 }],
    ['a type that objects inherit', { ...promoted, type: 'constructor', format: 1 }],
  ])('refuse %s, since it may change Production', (_name, content) => {
    expect(() => decodeEvent(sealJson(content), at)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_EVENT' }));
  });

  it.each([
    ['version 0', { payload: { ...promoted.payload, version: 0 } }],
    ['an unknown stage', { payload: { ...promoted.payload, stage: 'Live' } }],
    ['no author', { by: '' }],
    ['a link that is no hash', { previous: 'abc' }],
    ['a fractional time', { atMs: 1.5 }],
    ['a time beyond all dates', { atMs: 9e15 }],
  ])('with %s are corrupt', (_name, change) => {
    expect(() => decodeEvent(sealJson({ ...promoted, ...change, format: 1 }), at)).toThrow(
      expect.objectContaining({ code: 'CORRUPT_LOG', details: expect.objectContaining({ seq: 2 }) }),
    );
  });

  it('are bounded', () => {
    const gates = Array.from({ length: 1_100 }, (_, i) => ({ gate: `g${i}`, passed: true, reason: 'x'.repeat(4_000) }));
    expect(() => encodeEvent({ ...promoted, payload: { ...promoted.payload, gates } })).toThrow(/at most 4194304/);
  });
});
