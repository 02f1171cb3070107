/**
 * The scoring service: transactions in, scores and decisions out, by the model version that the registry has in Production.
 *
 * It knows no HTTP. What it can be asked is a table of operations, from which adapters make routes and from which the OpenAPI document
 * is made. One process, one service, one online state: two processes that share the traffic of one card don't see each other's part.
 */
import { type Clock, type Logger, type Row, silentLogger, systemClock } from '@fraudops/core';
import type { OnlineFeatures } from '@fraudops/features';
import type { ModelRegistry } from '@fraudops/registry';
import { CachedOpenApi, type WrittenDocument } from './cached-open-api.js';
import { type DecisionLog, type DecisionRecord, memoryDecisionLog } from './decision-log.js';
import { type DecisionPolicy, decide, policyFromJson } from './decision-policy.js';
import type { Health } from './health.js';
import { type LiveModel, requireFeatures, scoreTransaction } from './live-model.js';
import { ModelWatch } from './model-watch.js';
import { openApiDocument } from './open-api.js';
import type { Answer, Operation, RequestOrigin } from './operation.js';
import { type OperationActions, type OperationDeclaration, declareOperations } from './operations.js';
import { PROBLEM_TYPE, problemOf } from './problem.js';
import type { Scored } from './scored.js';
import { ServeError } from './serve-error.js';
import { ServiceMetrics } from './service-metrics.js';
import { type OnlineFor, WarmStates } from './warm-states.js';

/** Options of {@link scoringService}. */
export interface ScoringServiceOptions {
  readonly registry: ModelRegistry;
  /** Name of the model in the registry. */
  readonly model: string;
  /** Stage whose version is served. Default `Production`. */
  readonly stage?: 'Production' | 'Staging';
  /** State of the features, filled with history. Used for versions whose feature set it belongs to. */
  readonly online?: OnlineFeatures;
  /** Makes such a state when a version has another feature set; see {@link OnlineFor}. For an empty one: `(set) => set.online()`. */
  readonly onlineFor?: OnlineFor;
  /** Takes the place of the policies in bundles. Default: the bundle's, else {@link DEFAULT_POLICY}. */
  readonly policy?: DecisionPolicy;
  /** Where decisions are kept. Default {@link memoryDecisionLog}. */
  readonly decisionLog?: DecisionLog;
  /** Most transactions of a batch, 1 to 100,000. Default 1,000. */
  readonly maxBatch?: number;
  /** How far a transaction's time may be ahead of the clock, milliseconds. Default one day. */
  readonly maxAheadMs?: number;
  /** Whether answers hold the feature values. Default false. */
  readonly includeFeatures?: boolean;
  /** Milliseconds between looks for a new version; 0 for none but {@link ScoringService.refresh}. Default 10,000. */
  readonly pollMs?: number;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** A service that scores transactions; see {@link scoringService}. */
export interface ScoringService {
  /**
   * Scores one transaction and remembers it.
   * @throws {ServeError} VALIDATION naming field, value and rule; NO_MODEL; CLOSED
   */
  score(transaction: unknown): Promise<Scored>;
  /**
   * Scores transactions in order, each as if it came by itself; all or none, since all are checked before the first is scored.
   * @throws {ServeError} VALIDATION naming index, field, value and rule; BATCH_TOO_LARGE; NO_MODEL; CLOSED. BATCH_STOPPED when scoring
   *   fails in the middle all the same: `details.index` says where, `details.results` are the answers for those before
   */
  scoreBatch(transactions: readonly unknown[]): Promise<Scored[]>;
  /**
   * Looks for a new version now, and takes it into service when there is one. Scores given meanwhile are the old version's.
   * @returns whether another version serves now
   * @throws what went wrong; it also shows in health, metrics and log, and what served goes on serving
   */
  refresh(): Promise<boolean>;
  /** State of the service; never `ok` after a failed load. */
  health(): Health;
  /** All metrics in Prometheus' text format. */
  metrics(): Promise<string>;
  /**
   * The OpenAPI 3.1 document of {@link ScoringService.operations}, with the transaction schema of the model that serves. It is made once
   * a version and frozen.
   */
  openApi(origin?: RequestOrigin): object;
  /** What the service can be asked. Ids, methods and paths never change; schemas follow the model. */
  readonly operations: readonly Operation[];
  /** Where decisions are kept. */
  readonly decisionLog: DecisionLog;
  /** Counts a request that an adapter refused before it reached an operation; `operation` is `none` when it matched none. */
  countRefused(operation: string, status: number): void;
  /** Refuses new work and stops looking for versions; resolves when the look under way has ended, after 2 seconds at the latest. */
  close(): Promise<void>;
}

/**
 * Starts a scoring service and looks for the model once. It starts without a model too, and says so in {@link ScoringService.health}:
 * the model may be promoted later.
 *
 * @throws {ServeError} INVALID_OPTION
 * @example
 * const online = features.online();
 * online.backfill(history);
 * const service = await scoringService({ registry, model: 'fraud', online });
 * await service.score({ TRANSACTION_ID: 1, TX_DATETIME: '2018-07-01T10:00:00Z', CUSTOMER_ID: '596', TERMINAL_ID: '3156', TX_AMOUNT: 57.16 });
 * // { transactionId: 1, score: 0.003, decision: 'approve', model: 'fraud', modelVersion: 1 }
 */
export async function scoringService(options: ScoringServiceOptions): Promise<ScoringService> {
  const service = new LiveScoringService(options);
  await service.start();
  return service;
}

class LiveScoringService implements ScoringService, OperationActions {
  readonly decisionLog: DecisionLog;
  readonly maxBatch: number;
  readonly #model: string;
  readonly #includeFeatures: boolean;
  readonly #pollMs: number;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #metrics: ServiceMetrics;
  readonly #warmStates: WarmStates;
  readonly #watch: ModelWatch;
  #declarations: readonly OperationDeclaration[];
  #openApi: CachedOpenApi;
  #closed = false;

  constructor(options: ScoringServiceOptions) {
    const { registry, model, online, onlineFor, clock = systemClock, logger = silentLogger } = options;
    this.maxBatch = integerOption('maxBatch', options.maxBatch ?? 1000, 1, 100_000);
    this.#pollMs = integerOption('pollMs', options.pollMs ?? 10_000, 0, 86_400_000);
    const maxAheadMs = integerOption('maxAheadMs', options.maxAheadMs ?? 86_400_000, 0, Number.MAX_SAFE_INTEGER);
    const policy = options.policy && policyFromJson(options.policy, 'policy');
    this.decisionLog = options.decisionLog ?? memoryDecisionLog();
    this.#model = model;
    this.#includeFeatures = options.includeFeatures ?? false;
    this.#clock = clock;
    this.#logger = logger;
    this.#metrics = new ServiceMetrics(model, this.decisionLog);
    this.#warmStates = new WarmStates({ online, onlineFor, logger, onDropped: () => this.#metrics.stateDropped() });
    const loading = { registry, model, policy, clock, maxAheadMs, stage: options.stage ?? 'Production', logger };
    this.#watch = new ModelWatch(
      { ...loading, onSwap: (live) => this.#swapped(live), onFailure: () => this.#metrics.refreshFailed() },
      this.#warmStates,
    );
    this.#declarations = declareOperations(this);
    this.#openApi = new CachedOpenApi(() => this.#describe());
  }

  async start(): Promise<void> {
    // A failure is remembered by the watch: the service comes up without a model and says why in its health.
    await this.#watch.refresh().catch(() => false);
    if (this.#pollMs > 0) this.#watch.start(this.#pollMs);
  }

  async score(transaction: unknown): Promise<Scored> {
    const live = this.#requireLive();
    return this.#scoreRow(live, live.request.read(transaction), transaction);
  }

  async scoreBatch(transactions: readonly unknown[]): Promise<Scored[]> {
    const live = this.#requireLive();
    if (transactions.length > this.maxBatch) {
      throw new ServeError(
        'BATCH_TOO_LARGE',
        `transactions has ${transactions.length} items, at most ${this.maxBatch} are allowed; send several batches`,
        {
          details: { length: transactions.length, maxBatch: this.maxBatch },
        },
      );
    }
    const rows = live.request.readBatch(transactions);
    requireFeatures(live, rows);
    const results: Scored[] = [];
    rows.forEach((row, index) => {
      try {
        results.push(this.#scoreRow(live, row, transactions[index], index));
      } catch (error) {
        throw results.length === 0 ? error : batchStopped(results, error);
      }
    });
    return results;
  }

  #requireLive(): LiveModel {
    if (this.#closed) throw new ServeError('CLOSED', 'the service was closed; ask another one');
    const { live } = this.#watch;
    if (!live)
      throw new ServeError(
        'NO_MODEL',
        `no version of ${this.#model} is in service: the registry has none in this stage that could be loaded; see the service's health`,
      );
    return live;
  }

  /** Synchronous from features to log, so that transactions never interleave and a swap never happens in between. */
  #scoreRow(live: LiveModel, row: Row, input: unknown, index?: number): Scored {
    const { features, score } = scoreTransaction(live, row, index);
    this.#warmStates.observed(input, row);
    const decision = decide(score, live.policy);
    const { time, id } = live.featureSet.transactions;
    const transactionId = id === undefined ? null : (row[id] as string | number | null);
    const model = this.#model;
    const modelVersion = live.version.version;
    this.#metrics.scored(score, decision);
    const featureNames = live.featureSet.names;
    const timeMs = (row[time] as Date).getTime();
    const decidedMs = this.#clock.now();
    this.#log({ transactionId, timeMs, decidedMs, score, decision, model, modelVersion, featureNames, features });
    const answer = { transactionId, score, decision, model, modelVersion };
    return this.#includeFeatures ? { ...answer, features: featuresByName(featureNames, features) } : answer;
  }

  #log(record: DecisionRecord): void {
    const refused = (error: unknown): void => {
      this.#metrics.unlogged();
      this.#logger.error({ err: error }, 'decision log refused a decision');
    };
    try {
      this.decisionLog.append(record)?.then(undefined, refused);
    } catch (error) {
      refused(error);
    }
  }

  refresh(): Promise<boolean> {
    if (this.#closed) return Promise.reject(new ServeError('CLOSED', 'the service was closed; start another one'));
    return this.#watch.refresh();
  }

  #swapped(live: LiveModel): void {
    this.#metrics.serving(live.version.version, live.version.algorithm ?? live.model.kind, live.sinceMs);
    this.#declarations = declareOperations(this);
    this.#openApi = new CachedOpenApi(() => this.#describe());
  }

  get request(): LiveModel['request'] | undefined {
    return this.#watch.live?.request;
  }

  health(): Health {
    const { live, failure, checkedMs } = this.#watch;
    const status = this.#closed ? 'closed' : !live ? 'no-model' : failure ? 'degraded' : 'ok';
    return {
      status,
      model: this.#model,
      version: live?.version.version ?? null,
      since: live ? new Date(live.sinceMs).toISOString() : null,
      featureSet: live?.featureSet.version ?? null,
      lastRefresh: checkedMs === undefined ? null : new Date(checkedMs).toISOString(),
      failure: failure
        ? {
            since: new Date(failure.sinceMs).toISOString(),
            version: failure.version,
            code: failure.code,
            message: failure.message,
          }
        : null,
    };
  }

  metrics(): Promise<string> {
    return this.#metrics.text();
  }

  get metricsContentType(): string {
    return this.#metrics.contentType;
  }

  openApi(origin: RequestOrigin = {}): object {
    return this.writtenOpenApi(origin).body;
  }

  writtenOpenApi({ basePath = '' }: RequestOrigin): WrittenDocument {
    return this.#openApi.under(basePath);
  }

  #describe(): object {
    const version = this.#watch.live?.version.version;
    return openApiDocument(this.#declarations, {
      title: `Fraud scoring: ${this.#model}`,
      description: `Scores transactions with the model ${this.#model}${version === undefined ? ', of which no version serves yet' : `, version ${version}`}.`,
      version: version === undefined ? '0' : String(version),
      transaction: this.request?.schema,
    });
  }

  get operations(): readonly Operation[] {
    return this.#declarations.map(({ run: _run, ...declaration }, i) => ({
      ...declaration,
      handler: (input, origin) => this.#answer(i, input, origin ?? {}),
    }));
  }

  /** Runs the operation at a place in the table: the table of the model that serves now, whose places never change. */
  async #answer(place: number, input: unknown, origin: RequestOrigin): Promise<Answer> {
    const { id, contentType, run } = this.#declarations[place]!;
    const started = performance.now();
    let answer: Answer;
    try {
      const { status = 200, ...given } = await run(input, origin);
      answer = { status, ...given, contentType };
    } catch (error) {
      const body = problemOf(error);
      if (body.status === 500) this.#logger.error({ err: error, operation: id }, 'operation failed');
      answer = { status: body.status, body, contentType: PROBLEM_TYPE };
    }
    this.#metrics.request(id, answer.status, (performance.now() - started) / 1000);
    return answer;
  }

  countRefused(operation: string, status: number): void {
    this.#metrics.request(operation, status);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#watch.stop();
  }
}

/** What remains to be said when scoring fails behind answers that stand: the state remembers their transactions. */
function batchStopped(results: readonly Scored[], error: unknown): ServeError {
  const index = results.length;
  // Other errors may hold what isn't the caller's to see.
  const reason = error instanceof ServeError && error.code === 'VALIDATION' ? error.message : "the service's log says why";
  const before = `the ${index} before it ${index === 1 ? 'was' : 'were'} scored and remembered`;
  return new ServeError(
    'BATCH_STOPPED',
    `transactions[${index}] could not be scored: ${reason}; ${before}, so send only what follows`,
    {
      details: { index, results },
      issues: error instanceof ServeError ? error.issues : [],
      cause: error,
    },
  );
}

function featuresByName(names: readonly string[], values: Float64Array): Record<string, number | null> {
  return Object.fromEntries(names.map((name, j) => [name, Number.isNaN(values[j]) ? null : values[j]!]));
}

function integerOption(name: string, value: number, minimum: number, maximum: number): number {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
  throw new ServeError(
    'INVALID_OPTION',
    `scoringService: ${name} is ${value}, expected an integer from ${minimum} to ${maximum}`,
    {
      details: { name, value },
    },
  );
}
