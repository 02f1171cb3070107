import { describe, expect, it } from 'vitest';
import { plainText } from './plain-text.js';

describe('plainText', () => {
  it('lets nothing through that moves the cursor or turns the direction of writing', () => {
    expect(plainText('a\u001b[31mb\r\n\u202ec')).toBe('a\ufffd[31mb\ufffd\ufffd\ufffdc');
    expect(plainText('Käse 🧀')).toBe('Käse 🧀');
  });

  it('cuts what is too long, between characters', () => {
    expect(plainText('🧀🧀🧀', 2)).toBe('🧀…');
    expect(plainText('abc', 3)).toBe('abc');
  });
});
