/** The other end of `Contestant`, for processes of ours: answers commands until its input ends. */
import readline from 'node:readline';

/** @param {Record<string, (values: any) => unknown>} commands each takes the values and returns the answer, or a promise of it */
export async function serveCommands(commands) {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { command, values } = JSON.parse(line);
    let reply;
    try {
      if (!Object.hasOwn(commands, command)) throw new Error(`there is no command ${command}`);
      reply = { answer: (await commands[command](values)) ?? null };
    } catch (error) {
      reply = { error: error instanceof Error ? error.stack : String(error) };
    }
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
}

/**
 * Runs work against the clock. What earlier work left behind is collected before, as the peers' is when they drop it.
 * @template Result
 * @param {() => Result | Promise<Result>} work
 * @returns {Promise<{ seconds: number, result: Result }>}
 */
export async function timed(work) {
  globalThis.gc?.();
  const startedMs = performance.now();
  const result = await work();
  return { seconds: (performance.now() - startedMs) / 1000, result };
}
