import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { type Gate, type GateContext, judge } from './gate.js';
import type { ModelVersion } from './model-version.js';
import { emptyModelState, foldEvents } from './model-state.js';
import type { RegisteredEvent } from './registry-event.js';

function registered(version: number): RegisteredEvent {
  const files = [{ path: 'a', sha256: 'a'.repeat(64), sizeBytes: 1 }];
  const payload = { version, files, metrics: { rocAuc: version / 10 }, tags: { market: 'eu' } };
  return {
    id: `e${version}`,
    model: 'fraud',
    seq: version,
    by: 'ana',
    why: '',
    atMs: 1,
    previous: null,
    type: 'registered',
    payload,
  };
}

const [incumbent, candidate] = foldEvents(emptyModelState('fraud'), [registered(1), registered(2)]).versions as [
  ModelVersion,
  ModelVersion,
];
const gate = (check: Gate['check'], name = 'g'): Gate => ({ name, check });
const ask = (gates: Gate[], timeoutMs = 5_000) =>
  judge('promote', gates, { candidate, incumbent, stage: 'Production', by: 'ben' }, timeoutMs);
const passed = { gate: 'g', passed: true, reason: '' };

describe('judge', () => {
  it('gives each gate a context that no other gate could change', async () => {
    const seen: GateContext[] = [];
    const attempts: ((context: Record<string, Record<string, Record<string, unknown>>>) => void)[] = [
      (context) => (context.incumbent = undefined as never),
      (context) => (context.candidate = { metrics: { rocAuc: 1 } }),
      (context) => (context.candidate!.stage = 'Production' as never),
      (context) => (context.candidate!.metrics!.rocAuc = 1),
      (context) => (context.incumbent!.tags!.market = 'us'),
      (context) => ((context.candidate!.files as unknown as { sha256: string }[])[0]!.sha256 = 'b'),
      (context) => (context.extra = {}),
    ];
    const gates = attempts.map((attempt, i) =>
      gate((context) => {
        seen.push(context);
        expect(() => attempt(context as never)).toThrow(TypeError);
        return passed;
      }, `evil ${i}`),
    );
    await ask([...gates, gate((context) => (seen.push(context), passed), 'last')]);
    expect(seen.at(-1)).toMatchObject({
      candidate: { stage: 'None', metrics: { rocAuc: 0.2 } },
      incumbent: { tags: { market: 'eu' } },
      stage: 'Production',
      by: 'ben',
    });
    expect(new Set(seen).size).toBe(attempts.length + 1);
  });

  it('does not wait for a gate longer than it is told, and tells the gate', async () => {
    let signal: AbortSignal | undefined;
    const hanging = gate((context) => {
      signal = context.signal;
      return new Promise(() => {});
    });
    await expect(ask([hanging], 20)).rejects.toMatchObject({
      code: 'GATE_ERROR',
      message: 'promote: gate "g" could not judge: it took longer than 20 ms; nothing was changed',
    });
    expect(signal?.aborted).toBe(true);
  });

  it('takes no notice of a gate that fails after its time', async () => {
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const late = gate(
      ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('late')))),
    );
    await expect(ask([late], 5)).rejects.toThrow('it took longer than 5 ms');
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('leaves neither timers nor listeners behind', async () => {
    const cleared = vi.spyOn(globalThis, 'clearTimeout');
    const signals: AbortSignal[] = [];
    await ask([gate(({ signal }) => (signals.push(signal), passed))]);
    expect(cleared).toHaveBeenCalledTimes(1);
    expect(signals.map((signal) => [signal.aborted, getEventListeners(signal, 'abort').length])).toEqual([[false, 0]]);
    cleared.mockRestore();
  });

  it.each<[string, () => unknown]>([
    ['an object without a text', () => Promise.reject(Object.create(null))],
    ['null', () => Promise.reject(null)],
    [
      'a long text',
      () => {
        throw new Error('x'.repeat(1e6));
      },
    ],
    [
      'a result that fails when it is read',
      () => ({
        get passed() {
          throw new Error('boom');
        },
      }),
    ],
    ['values with a key that would be lost', () => ({ passed: true, reason: '', values: JSON.parse('{"__proto__":1}') })],
  ])('makes a GATE_ERROR of %s', async (_name, check) => {
    const error = await ask([gate(check as Gate['check'])]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'GATE_ERROR', details: { gate: 'g' } });
    expect((error as Error).message.length).toBeLessThan(5_000);
  });
});
