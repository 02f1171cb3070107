import { describe, expect, it, vi } from 'vitest';
import { CachedOpenApi } from './cached-open-api.js';

const document = () => ({ openapi: '3.1.0', servers: [], paths: { '/': { get: { tags: ['a'] } } } });

describe('CachedOpenApi', () => {
  it('makes the document once, whatever the base paths', () => {
    const make = vi.fn(document);
    const cached = new CachedOpenApi(make);
    expect(make).not.toHaveBeenCalled();
    for (let i = 0; i < 1000; i++) expect(cached.under(`/${i}`).body).toEqual({ ...document(), servers: [{ url: `/${i}` }] });
    expect(make).toHaveBeenCalledOnce();
  });

  it('gives the same object and text again, and only for the last few base paths', () => {
    const cached = new CachedOpenApi(document);
    const first = cached.under('');
    expect(first.text).toBe('{"openapi":"3.1.0","servers":[{"url":"/"}],"paths":{"/":{"get":{"tags":["a"]}}}}');
    expect(cached.under('')).toBe(first);
    for (let i = 0; i < 16; i++) cached.under(`/${i}`);
    expect(cached.under('')).not.toBe(first);
    expect(cached.under('')).toEqual(first);
  });

  it('can not be changed by those who get it', () => {
    const { body } = new CachedOpenApi(document).under('');
    expect(() => (body as ReturnType<typeof document>).paths['/'].get.tags.push('b')).toThrow(TypeError);
    expect(() => Object.assign(body, { servers: 1 })).toThrow(TypeError);
  });
});
