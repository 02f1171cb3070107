import { Agent, request } from 'node:http';

/** What the API answered for one transaction. */
export interface Answer {
  readonly transactionId: number;
  readonly score: number;
  readonly modelVersion: number;
}

/** Counts of everything a client sent. */
export interface RequestCounts {
  readonly requests: number;
  readonly failed: number;
  /** Why requests failed, the first few. */
  readonly failures: readonly string[];
  /** Milliseconds of each request for a single transaction. */
  readonly singleMs: readonly number[];
}

const REQUEST_TIMEOUT_MS = 30_000;
const FAILURES_KEPT = 10;

/** Sends transactions to the API over real HTTP, as a payment service would, and counts what comes back. */
export class ApiClient {
  readonly #url: string;
  readonly #agent: Agent;
  readonly #singleMs: number[] = [];
  readonly #failures: string[] = [];
  #requests = 0;
  #failed = 0;

  constructor(url: string, connections: number) {
    this.#url = url;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Scores one transaction; undefined when the request failed, which is counted. */
  async predict(transaction: object): Promise<Answer | undefined> {
    const started = performance.now();
    const answer = (await this.#post('/predict', transaction)) as Answer | undefined;
    if (answer) this.#singleMs.push(performance.now() - started);
    return answer;
  }

  /** Scores transactions in order; undefined when the request failed, which is counted. */
  async predictBatch(transactions: readonly object[]): Promise<readonly Answer[] | undefined> {
    const answer = (await this.#post('/predict/batch', { transactions })) as { results: readonly Answer[] } | undefined;
    return answer?.results;
  }

  get counts(): RequestCounts {
    return { requests: this.#requests, failed: this.#failed, failures: this.#failures, singleMs: this.#singleMs };
  }

  close(): void {
    this.#agent.destroy();
  }

  async #post(path: string, body: object): Promise<unknown> {
    this.#requests++;
    try {
      const { status, text } = await this.#send(path, JSON.stringify(body));
      if (status === 200) return JSON.parse(text);
      this.#fail(`${path}: ${status} ${text.slice(0, 300)}`);
    } catch (error) {
      this.#fail(`${path}: ${(error as Error).message}`);
    }
    return undefined;
  }

  #fail(reason: string): void {
    this.#failed++;
    if (this.#failures.length < FAILURES_KEPT) this.#failures.push(reason);
  }

  #send(path: string, body: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const sent = request(
        `${this.#url}${path}`,
        { method: 'POST', agent: this.#agent, headers, timeout: REQUEST_TIMEOUT_MS },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }));
          response.on('error', reject);
        },
      );
      sent.on('timeout', () => sent.destroy(new Error(`no answer within ${REQUEST_TIMEOUT_MS} ms`)));
      sent.on('error', reject);
      sent.end(body);
    });
  }
}
