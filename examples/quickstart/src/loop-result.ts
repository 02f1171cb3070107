/** What the loop found, in the shape that `--json` writes. Times are in seconds unless the name says otherwise. */
export interface LoopResult {
  readonly data: { readonly source: string; readonly rows: number; readonly fraudRate: number; readonly seconds: number };
  readonly features: { readonly names: readonly string[]; readonly seconds: number };
  /** All models of this run, the retrained one last. */
  readonly models: readonly ModelResult[];
  /** What serves when the loop ends. */
  readonly production: { readonly version: number; readonly stage: 'Production'; readonly reason: string };
  readonly api: {
    readonly requests: number;
    readonly failed: number;
    /** Of requests for one transaction, measured by the client. */
    readonly p50Ms: number;
    readonly p95Ms: number;
    readonly p99Ms: number;
    /** Requests for one transaction, sent while a model was retrained and promoted. */
    readonly duringRetraining: number;
  };
  readonly drift: { readonly before: DriftResult; readonly after: DriftResult; readonly reportPath: string };
  readonly retraining: {
    readonly triggered: boolean;
    readonly oldVersion: number;
    readonly newVersion: number | null;
    readonly promoted: boolean;
    readonly reason: string;
    /** How the old version ranks the rows that the new one was judged on. */
    readonly oldMetrics: MetricsResult | null;
    readonly newMetrics: MetricsResult | null;
  };
  readonly seconds: number;
}

/** One registered model. */
interface ModelResult {
  readonly algorithm: string;
  readonly version: number;
  readonly trainSeconds: number;
  /** On rows the model has not seen. Null where undefined. */
  readonly metrics: MetricsResult;
}

/** Metrics on rows that were not trained on; null where undefined. */
interface MetricsResult {
  readonly rocAuc: number | null;
  readonly averagePrecision: number | null;
  readonly cardPrecisionAt100: number | null;
}

/** Drift of one week of traffic against the training rows. */
interface DriftResult {
  /** Drifted features out of all. */
  readonly share: number;
  readonly drifted: readonly string[];
}

/** The three metrics that the loop reports, out of all. */
export function metricsResult({ rocAuc, averagePrecision, cardPrecisionAt100 }: MetricsResult): MetricsResult {
  return { rocAuc, averagePrecision, cardPrecisionAt100 };
}
