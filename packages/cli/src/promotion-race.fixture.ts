/** Many processes that promote different versions at the same moment, over many rounds, and what must hold in each of them. */
import { isDeepStrictEqual } from 'node:util';
import type { ModelRegistry } from '@fraudops/registry';
import { expect } from 'vitest';
import type { Answer } from './registry-process.fixture.js';
import { MODEL, type RegistryProcess } from './registry-processes.fixture.js';

/** A race. */
export interface Race {
  /** On the same store as the processes. */
  readonly registry: ModelRegistry;
  readonly processes: readonly RegistryProcess[];
  readonly rounds: number;
  /** Whether connections are cut: then a process asks again until it knows. */
  readonly losesAnswers?: boolean;
}

/** What a race went through. */
export interface RaceReport {
  /** Answers after which a process asked again, by their codes. */
  readonly doubts: Readonly<Record<string, number>>;
}

/** Time for the request of a round to reach all processes. */
const START_AFTER_MS = 25;
/** Times that a process asks again in a round. */
const MAX_TRIES = 100;

/**
 * Runs the rounds. In each, every process promotes a version of its own, expecting the version that the last round left: exactly one
 * wins, the others get CONFLICT with the winner's version, and the log is one event longer. In the end the chain of the log verifies.
 */
export async function racePromotions({ registry, processes, rounds, losesAnswers = false }: Race): Promise<RaceReport> {
  const doubts: Record<string, number> = {};
  const versionCount = processes.length + 1;
  for (let i = 0; i < versionCount; i++) {
    await registry.register(MODEL, { files: [{ path: 'a', bytes: new TextEncoder().encode(`${i}`) }] });
  }
  for (let round = 0; round < rounds; round++) {
    const expectedCurrent = (await registry.production(MODEL))?.version ?? null;
    const candidates = Array.from({ length: versionCount }, (_, i) => i + 1).filter((version) => version !== expectedCurrent);
    const atMs = Date.now() + START_AFTER_MS;
    const answers = await Promise.all(
      processes.map((process, i) => {
        const request = { promote: candidates[i]!, expectedCurrent, atMs };
        return losesAnswers ? settled(() => process.ask(request), doubts) : process.ask(request);
      }),
    );
    const winner = (await registry.production(MODEL))!.version;
    const wrong = answers.flatMap((answer, i) => {
      const own = candidates[i] === winner;
      return isExpected(answer, { own, winner, losesAnswers }) ? [] : [{ version: candidates[i], answer }];
    });
    expect(wrong, `answers of round ${round}, which version ${winner} won`).toEqual([]);
    expect(candidates).toContain(winner);
    expect(await registry.head(MODEL), `events after round ${round}`).toBe(versionCount + round + 1);
  }
  expect(await registry.verify(MODEL)).toMatchObject({ ok: true, problems: [], head: versionCount + rounds, versionCount });
  const promoted = (await registry.history(MODEL)).slice(versionCount);
  expect(promoted.map(({ seq, type }) => ({ seq, type }))).toEqual(
    promoted.map((_, i) => ({ seq: versionCount + i + 1, type: 'promoted' })),
  );
  return { doubts };
}

/** A winner whose answer was lost asks again, and learns from the conflict that it is its own version that is there. */
function isExpected(answer: Answer, round: { own: boolean; winner: number; losesAnswers: boolean }): boolean {
  if (round.own && isDeepStrictEqual(answer, { promoted: round.winner })) return true;
  if (round.own && !round.losesAnswers) return false;
  return 'failed' in answer && answer.failed === 'CONFLICT' && answer.currentVersion === round.winner;
}

/** Asks until the answer is a promotion or a conflict. */
async function settled(ask: () => Promise<Answer>, doubts: Record<string, number>): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    const answer = await ask();
    if (!('failed' in answer) || answer.failed === 'CONFLICT' || tries === MAX_TRIES) return answer;
    doubts[answer.failed] = (doubts[answer.failed] ?? 0) + 1;
  }
}
