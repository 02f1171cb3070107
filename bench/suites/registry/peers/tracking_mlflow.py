"""MLflow in the tracking case: runs and metrics through MlflowClient. Where a job leaves the way open, the fastest of several is measured."""

import itertools
import time
from concurrent.futures import ThreadPoolExecutor

from mlflow.entities import Metric
from mlflow_store import open_client
from serve_commands import fastest, serve_commands, timed

THREADS = 4
state = {"number": itertools.count(), "ways": {}}


def load(url, folder, sizes):
    """Opens the store and tries each way, which also warms it up."""
    client = state["client"] = open_client(url, folder)
    state["experiment"] = client.create_experiment("bench")
    trials = {}
    for job, variants in WAYS.items():
        state["run"] = new_run()
        works = {way: lambda work=work: work(sizes[job]) for way, work in variants.items()}
        state["ways"][job], seconds = fastest(works)
        if len(variants) > 1:
            trials.update({f"{job}: {way}": best for way, best in seconds.items()})
    return {"trials": trials}


def run(job, count):
    """Seconds of a job."""
    state["run"] = new_run()
    work = WAYS[job][state["ways"][job]]
    return timed(lambda: work(count))[0]


def new_run(_=None):
    return state["client"].create_run(state["experiment"], run_name=f"run-{next(state['number'])}").info.run_id


def create_in_turn(count):
    for _ in range(count):
        new_run()


def create_in_threads(count):
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(new_run, range(count)))


def log_in_turn(count):
    for step in range(count):
        state["client"].log_metric(state["run"], "loss", 1 / (step + 1), step=step)


def log_later(count):
    log = state["client"].log_metric
    pending = [log(state["run"], "loss", 1 / (step + 1), step=step, synchronous=False) for step in range(count)]
    for operation in pending:
        operation.wait()


def log_at_once(count):
    """At most 1,000, which is what one call takes: two steps of half as many metrics."""
    now = int(time.time() * 1000)
    metrics = [Metric(f"loss{i // 2}", 1 / (i + 1), now, i % 2) for i in range(count)]
    state["client"].log_batch(state["run"], metrics=metrics)


def points(metric):
    """How many points of a metric the last run that was logged to has, read back."""
    return len(state["client"].get_metric_history(state["run"], metric))


WAYS = {
    "create in turn": {"in turn": create_in_turn},
    "create": {"in turn": create_in_turn, f"{THREADS} threads": create_in_threads},
    "log in turn": {"log_metric": log_in_turn},
    "log": {"log_metric": log_in_turn, "log_metric with synchronous=False": log_later},
    "log at once": {"log_batch": log_at_once},
}

serve_commands({"load": load, "run": run, "points": points})
