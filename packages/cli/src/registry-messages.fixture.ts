/** What `registry-process.fixture.ts` and its parent say to each other. */

/** What the parent sends. */
export type Request =
  /** Promotes at a moment, together with other processes. */
  | { readonly promote: number; readonly expectedCurrent: number | null; readonly atMs: number }
  /** Registers so many versions. */
  | { readonly register: number }
  /** Registers, promotes and tracks runs without end, until it is killed. */
  | { readonly work: true };

/** What it gets back. */
export type Answer =
  | { readonly ready: true }
  | { readonly registered: number }
  | { readonly promoted: number }
  | { readonly logged: { readonly run: string; readonly step: number } }
  | { readonly finished: string }
  | { readonly failed: string; readonly message: string; readonly currentVersion?: number | null };

/** The model of all that is registered. */
export const MODEL = 'fraud';
