/**
 * Whether experiments are there, for those who start runs in them. Calls at once share a look at the store, which begins after each of
 * them. Of an experiment that was there before a look is expected to find it again, so its callers may go on while it is under way.
 */
import type { BlobStore } from '@fraudops/core';
import { coalesced } from './coalesced.js';
import { createExperiment, listExperiments } from './experiment.js';
import { RegistryError } from './registry-error.js';

/** Experiments that are remembered; those used last stay. */
const MOST_REMEMBERED = 1_000;

interface Watched {
  readonly look: () => Promise<void>;
  found: { readonly deleted: boolean } | undefined;
}

/** Something that is made in an experiment. */
export interface Making<Made> {
  readonly make: () => Promise<Made>;
  /** Undoes it, should the experiment turn out to be deleted. What can't be undone stays behind, hidden with the experiment. */
  readonly takeBack: (made: Made) => Promise<void>;
}

/** The experiments that one tracker uses. */
export class ExperimentPresence {
  readonly #store: BlobStore;
  readonly #watched = new Map<string, Watched>();

  constructor(store: BlobStore) {
    this.#store = store;
  }

  /** Makes an experiment unless it is there. @param call what needs it, for the message @throws {RegistryError} EXPERIMENT_DELETED */
  async ensure(call: string, name: string, nowMs: number): Promise<void> {
    const watched = this.#watch(name);
    await watched.look();
    if (watched.found?.deleted) {
      const message = `${call}: experiment ${name} is deleted; restore it with restoreExperiment, or choose another name`;
      throw new RegistryError('EXPERIMENT_DELETED', message, { details: { experiment: name } });
    }
    if (watched.found) return;
    await createExperiment(this.#store, { name, createdMs: nowMs, tags: {} });
    watched.found = { deleted: false };
  }

  /** Makes something in an experiment that is there: at once where the last look found it. @throws as {@link ensure}, and what `make` throws */
  async within<Made>(call: string, name: string, nowMs: number, { make, takeBack }: Making<Made>): Promise<Made> {
    if (this.#watched.get(name)?.found?.deleted !== false) {
      await this.ensure(call, name, nowMs);
      return make();
    }
    const [present, made] = await Promise.allSettled([this.ensure(call, name, nowMs), make()]);
    if (present.status === 'fulfilled' && made.status === 'fulfilled') return made.value;
    if (made.status === 'fulfilled') await takeBack(made.value).catch(() => {});
    throw present.status === 'rejected' ? present.reason : (made as PromiseRejectedResult).reason;
  }

  #watch(name: string): Watched {
    const watched = this.#watched.get(name) ?? this.#newlyWatched(name);
    this.#watched.delete(name);
    this.#watched.set(name, watched);
    const [oldest] = this.#watched.keys();
    if (this.#watched.size > MOST_REMEMBERED) this.#watched.delete(oldest!);
    return watched;
  }

  #newlyWatched(name: string): Watched {
    const watched: Watched = {
      look: coalesced(async () => {
        watched.found = (await listExperiments(this.#store, `${name}/`)).get(name);
      }),
      found: undefined,
    };
    return watched;
  }
}
