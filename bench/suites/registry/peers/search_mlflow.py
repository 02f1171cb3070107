"""MLflow in the search case: the same runs, put into its tables at once, and searched through MlflowClient."""

import json
import os

import numpy as np
from mlflow.store.tracking.dbmodels.models import SqlLatestMetric, SqlMetric, SqlParam, SqlRun, SqlTag
from mlflow_store import open_client, sqlalchemy_url
from serve_commands import serve_commands, timed
from sqlalchemy import create_engine, insert, text

CHUNK = 500
state = {}


def load(url, folder):
    with open(os.path.join(folder, "runs.json")) as file:
        data = json.load(file)
    values = np.fromfile(os.path.join(folder, "metrics.f64"), np.float64).reshape(-1, len(data["metrics"]))
    state["client"] = client = open_client(url, folder)
    state["experiment"] = client.create_experiment("bench")
    fill(sqlalchemy_url(url), data, values)
    return {}


def fill(url, data, values):
    """What create_run, log_param and log_batch leave in the tables, in few statements and without waiting for the disk."""
    engine = create_engine(url)
    template = state["client"].create_run(state["experiment"])
    artifacts = template.info.artifact_uri.replace(template.info.run_id, "{}")
    for start in range(0, len(values), CHUNK):
        numbers = range(start, min(start + CHUNK, len(values)))
        ids = {i: f"{i:032x}" for i in numbers}
        points = [
            {"key": key, "value": float(values[i, j]), "timestamp": data["startedMs"] + i, "step": 0, "is_nan": False, "run_uuid": ids[i]}
            for i in numbers
            for j, key in enumerate(data["metrics"])
        ]
        with engine.begin() as connection:
            connection.execute(insert(SqlRun), [run_row(data, i, ids[i], artifacts) for i in numbers])
            connection.execute(insert(SqlMetric), points)
            connection.execute(insert(SqlLatestMetric), points)
            params = [{"key": "algorithm", "value": data["algorithms"][i % len(data["algorithms"])], "run_uuid": ids[i]} for i in numbers]
            connection.execute(insert(SqlParam), params)
            connection.execute(insert(SqlTag), [{"key": "mlflow.runName", "value": name(i), "run_uuid": ids[i]} for i in numbers])
    # So that the planner of either database knows the tables.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()


def name(i):
    return f"run-{i:05d}"


def run_row(data, i, run_id, artifacts):
    started = data["startedMs"] + i
    return {
        "run_uuid": run_id,
        "name": name(i),
        "source_type": "UNKNOWN",
        "source_name": "",
        "entry_point_name": "",
        "user_id": "bench",
        "status": "FINISHED",
        "start_time": started,
        "end_time": started + 1,
        "source_version": "",
        "lifecycle_stage": "active",
        "artifact_uri": artifacts.format(run_id),
        "experiment_id": int(state["experiment"]),
    }


def search(filter, order, limit):
    seconds, page = timed(
        lambda: state["client"].search_runs([state["experiment"]], filter, order_by=[order] if order else None, max_results=limit)
    )
    state["page"] = page
    return seconds


def found():
    """Names and all metrics of the runs that the last search found, in its order."""
    return [{"name": run.info.run_name, "metrics": run.data.metrics, "params": run.data.params} for run in state["page"]]


serve_commands({"load": load, "search": search, "found": found})
