"""The other end of the harness's contestants, for peers: answers commands, one JSON line in and one out, until its input ends."""

import gc
import json
import os
import sys
import time
import traceback


def serve_commands(commands):
    """commands: functions by name; each takes the values as keywords and returns what the answer is."""
    # Answers go to the real output; what a library prints goes to the error output instead of between them.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = {"answer": commands[request["command"]](**request["values"])}
        except Exception:  # The harness shows it and ends the run.
            reply = {"error": traceback.format_exc()}
        answers.write(json.dumps(reply) + "\n")
        answers.flush()


def timed(work):
    """Seconds that work() took, and its result."""
    gc.collect()
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def fastest(variants, trials=2):
    """Tries each way of doing the same, and returns the name of the one whose best trial took least, with all best times.

    variants: functions without arguments by name. A peer is measured by the fastest way that we know.
    """
    best = {name: min(timed(work)[0] for _ in range(trials)) for name, work in variants.items()}
    return min(best, key=best.get), best
