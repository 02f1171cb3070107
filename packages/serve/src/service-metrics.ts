import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { DECISIONS, type Decision } from './decision-policy.js';
import type { DecisionLog } from './decision-log.js';

/** From half a millisecond, since one transaction takes far less than that inside the service. */
const SECONDS_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
/** Finer near 0, where nearly all scores are. */
const SCORE_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1];

/**
 * Counters of one service, in a registry of their own, so that several services in one process don't mix. All names begin with
 * `fraudops_` and every series carries the model's name as the label `model`.
 */
export class ServiceMetrics {
  readonly #registry = new Registry();
  readonly #requests: Counter<'operation' | 'status'>;
  readonly #seconds: Histogram<'operation'>;
  readonly #scores: Histogram;
  readonly #decisions: Counter<'decision'>;
  readonly #modelInfo: Gauge<'version' | 'algorithm'>;
  readonly #modelSince: Gauge;
  readonly #refreshFailures: Counter;
  readonly #unlogged: Counter;
  readonly #statesDropped: Counter;

  constructor(model: string, decisionLog: DecisionLog) {
    const registers = [this.#registry];
    this.#registry.setDefaultLabels({ model });
    this.#requests = new Counter({
      name: 'fraudops_requests_total',
      help: 'Requests by operation and HTTP status; operation "none" is an address or method that the service does not know.',
      labelNames: ['operation', 'status'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'fraudops_request_duration_seconds',
      help: 'Time an operation takes inside the service.',
      labelNames: ['operation'],
      buckets: SECONDS_BUCKETS,
      registers,
    });
    this.#scores = new Histogram({ name: 'fraudops_score', help: 'Scores given.', buckets: SCORE_BUCKETS, registers });
    this.#decisions = new Counter({
      name: 'fraudops_decisions_total',
      help: 'Decisions taken.',
      labelNames: ['decision'],
      registers,
    });
    this.#modelInfo = new Gauge({
      name: 'fraudops_model_info',
      help: 'Always 1; the labels say which model version serves.',
      labelNames: ['version', 'algorithm'],
      registers,
    });
    this.#modelSince = new Gauge({
      name: 'fraudops_model_since_seconds',
      help: 'When the version that serves began to, seconds since 1970; 0 when none serves.',
      registers,
    });
    this.#refreshFailures = new Counter({
      name: 'fraudops_refresh_failures_total',
      help: 'Looks for a newer model version that failed; the version before goes on serving.',
      registers,
    });
    this.#unlogged = new Counter({
      name: 'fraudops_decisions_unlogged_total',
      help: 'Decisions that the decision log refused.',
      registers,
    });
    this.#statesDropped = new Counter({
      name: 'fraudops_states_dropped_total',
      help: 'States of the feature set before that refused a transaction; a rollback to it needs a warm-up.',
      registers,
    });
    observeDecisionLog(decisionLog, registers);
    for (const decision of DECISIONS) this.#decisions.inc({ decision }, 0);
  }

  /** A request was answered. `seconds` is absent when it never reached its operation. */
  request(operation: string, status: number, seconds?: number): void {
    this.#requests.inc({ operation, status });
    if (seconds !== undefined) this.#seconds.observe({ operation }, seconds);
  }

  /** A transaction was scored. */
  scored(score: number, decision: Decision): void {
    this.#scores.observe(score);
    this.#decisions.inc({ decision });
  }

  /** The decision log threw or rejected. */
  unlogged(): void {
    this.#unlogged.inc();
  }

  /** The state of the feature set before could not follow. */
  stateDropped(): void {
    this.#statesDropped.inc();
  }

  /** Another model version serves from now on. */
  serving(version: number, algorithm: string, sinceMs: number): void {
    this.#modelInfo.reset();
    this.#modelInfo.set({ version, algorithm }, 1);
    this.#modelSince.set(sinceMs / 1000);
  }

  /** A look for a newer version failed. */
  refreshFailed(): void {
    this.#refreshFailures.inc();
  }

  /** All series in Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Content type of {@link ServiceMetrics.text}. */
  get contentType(): string {
    return this.#registry.contentType;
  }
}

function observeDecisionLog(decisionLog: DecisionLog, registers: Registry[]): void {
  // Both are read when Prometheus asks, so the hot path pays nothing.
  new Gauge({
    name: 'fraudops_decision_log_records',
    help: 'Decisions that the decision log holds.',
    registers,
    collect() {
      this.set(decisionLog.size);
    },
  });
  new Counter({
    name: 'fraudops_decision_log_dropped_total',
    help: 'Decisions that the decision log dropped to stay within its bounds.',
    registers,
    collect() {
      this.reset();
      this.inc(decisionLog.dropped);
    },
  });
}
