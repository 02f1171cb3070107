/**
 * A queue of one: gives a function that runs the tasks it is given one after the other, in the order of the calls. A task that fails
 * fails for its caller only.
 */
export function oneAtATime(): <Result>(task: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const done = last.then(task);
    last = done.catch(() => {});
    return done;
  };
}
