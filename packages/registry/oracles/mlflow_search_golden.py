"""What MLflow finds: searches over runs with odd values, answered by MLflow's own SQL store on SQLite.

    pip install mlflow==3.17.2
    python packages/registry/oracles/mlflow_search_golden.py > packages/registry/src/mlflow-search.golden.json
"""

import json
import math
import random
import sqlite3
import sys
import tempfile
import uuid

import mlflow
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunStatus, RunTag, ViewType
from mlflow.exceptions import MlflowException
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

COUNT = 40
LOSSES = [None, math.nan, 0.0, 0.5, 0.5, 1e-300, -1.5, 0.1, 0.30000000000000004, 1.7976931348623157e308, -1.7976931348623157e308]
SCORES = [None, math.nan, 0.25, 0.75, 1.0]
ALGORITHMS = [None, "boosting", "Boosting", "logistic", "O'Brien", '5" disk', "100 %", "100 x", "a_b", "axb", "Größe", "größe",
              "名前", "\U0001f600 smile", "\uffe8 wide", " padded ", "10", "9", "a\\b"]
MARKETS = [None, "eu", "EU", "us", "a%b", "line\nbreak"]
NAMES = ["alpha", "Alpha", "beta", "run 7", "ünïcode"]
STATUSES = ["FINISHED", "FAILED", "KILLED", "RUNNING"]
DATASETS = [("transactions", "d1", "training"), ("transactions", "d2", "test"), ("cards", "d1", None)]


def make_runs(rng):
    """Runs as both sides load them. None is what a run does not have, NaN a metric without a value."""
    runs = []
    for i in range(COUNT):
        status = rng.choice(STATUSES)
        start = 1700000000000 + rng.randrange(6) * 1000
        runs.append({
            "id": f"{rng.getrandbits(128):032x}",
            "name": rng.choice(NAMES),
            "user": rng.choice(["ana", "Bo"]),
            "status": status,
            "start": start,
            "end": None if status == "RUNNING" else start + rng.randrange(3) * 500,
            "metrics": {"loss": rng.choice(LOSSES), "f1 score": rng.choice(SCORES)},
            "params": {"algorithm": rng.choice(ALGORITHMS), "a b": rng.choice([None, "x", "y"])},
            "tags": {"market": rng.choice(MARKETS), "team.name": rng.choice([None, "risk", "ops"])},
            "datasets": rng.sample(DATASETS, rng.randrange(len(DATASETS) + 1)),
        })
    return runs


def load(store, experiment, runs):
    for run in runs:
        uuid.uuid4 = lambda run=run: uuid.UUID(run["id"])
        store.create_run(experiment, run["user"], run["start"], [], run["name"])
    uuid.uuid4 = original_uuid4
    for run in runs:
        metrics = [Metric(key, value, run["start"], 0) for key, value in run["metrics"].items() if value is not None]
        params = [Param(key, value) for key, value in run["params"].items() if value is not None]
        tags = [RunTag(key, value) for key, value in run["tags"].items() if value is not None]
        store.log_batch(run["id"], metrics, params, tags)
        inputs = [
            DatasetInput(Dataset(name, digest, "local", "x"), [InputTag("mlflow.data.context", context)] if context else [])
            for name, digest, context in run["datasets"]
        ]
        if inputs:
            store.log_inputs(run["id"], inputs)
        store.update_run_info(run["id"], RunStatus.from_string(run["status"]), run["end"], run["name"])


FILTERS = [
    # The examples of MLflow's page "Search Runs" that run on any data, with the names of these.
    "metrics.loss < 0.5",
    "metrics.loss >= 0.1 and params.algorithm = 'boosting'",
    "params.algorithm = 'boosting' AND metrics.loss > 0",
    "params.algorithm LIKE 'b%'",
    "params.algorithm ILIKE 'B%'",
    "attributes.status = 'FINISHED'",
    "attributes.status != 'FINISHED' and attributes.start_time > 1700000002000",
    "tags.market = 'eu'",
    "tags.`team.name` = 'risk'",
    'params."a b" = "x"',
    "metrics.`f1 score` > 0.3",
    'metrics."f1 score" <= 0.75',
    "tags.team.name LIKE 'r%'",
    "dataset.name = 'transactions'",
    "datasets.digest = 'd1'",
    "dataset.context = 'training'",
    "datasets.digest IN ('d1', 'd2')",
    "dataset.name LIKE 'trans%' and dataset.context = 'test'",
    "dataset.name = 'cards' and dataset.digest = 'd2'",
    "run_name = 'alpha'",
    "attributes.run_name ILIKE 'alpha'",
    "attributes.`Run name` LIKE 'a%'",
    "`run name` = 'beta'",
    "params.`a b` IS NULL",
    "params.algorithm IS NOT NULL and tags.market is null",
    "tags.market is not null",
    "tags.nothing IS NULL",
    # Missing and undefined values.
    "metrics.loss != 0.5",
    "metrics.loss = 0",
    "metrics.loss <= 0",
    "metrics.loss >= -1.5",
    "metrics.`f1 score` != 1",
    "metrics.nothing != 1",
    "params.algorithm != 'boosting'",
    "params.algorithm NOT LIKE 'b%'",
    "params.nothing != 'x'",
    "tags.market != 'eu'",
    # Numbers at the edges.
    "metrics.loss > 1e300",
    "metrics.loss < -1e300",
    "metrics.loss = .5",
    "metrics.loss = 5E-1",
    "metrics.loss = 0.3",
    "metrics.loss = 0.30000000000000004",
    "metrics.loss > 0 and metrics.loss < 1E-200",
    # Texts: case, quotes, percent signs, alphabets.
    'params.algorithm = "O\'Brien"',
    "params.algorithm = '5\" disk'",
    "params.algorithm LIKE '%''%'",
    "params.algorithm LIKE '100 %'",
    "params.algorithm LIKE 'a_b'",
    "params.algorithm LIKE '%'",
    "params.algorithm LIKE '_'",
    "params.algorithm LIKE '__'",
    "params.algorithm LIKE '_ smile'",
    "params.algorithm LIKE '% smile%'",
    "params.algorithm = 'Größe'",
    "params.algorithm LIKE 'Gr__e'",
    "params.algorithm ILIKE 'BOOST%'",
    "params.algorithm LIKE '名%'",
    "params.algorithm = ' padded '",
    "params.algorithm like '% %'",
    "params.algorithm LIKE '%\\%'",
    "tags.market LIKE 'a%b'",
    "tags.market LIKE 'line%break'",
    "tags.market ILIKE 'E_'",
    "attributes.user_id = 'ana'",
    "attributes.end_time <= 1700000003000",
    "end_time != 1700000003000",
    "start_time >= 1700000001000 and start_time <= 1700000003000",
    "attribute.status IN ('FINISHED')",
    "",
    # Refused.
    "metrics.loss > '0.5'",
    "metrics.loss LIKE 'x'",
    "metrics.loss IS NULL",
    "params.algorithm > 'a'",
    "params.algorithm = 5",
    "params.algorithm = boosting",
    "attributes.nothing = 'x'",
    "attributes.status IS NULL",
    "things.loss > 1",
    "dataset.rows = 'x'",
    "metrics.loss > 0.5 or metrics.loss < 0.1",
    "(metrics.loss > 0.5)",
    "metrics.loss > 0.5 and",
    "metrics.loss > 0.5 metrics.loss < 1",
    "metrics.loss",
    "start_time > 'x'",
]

ORDERS = [
    [],
    ["metrics.loss"],
    ["metrics.loss ASC"],
    ["metrics.loss DESC"],
    ["metrics.`f1 score` DESC", "metrics.loss"],
    ["metrics.`f1 score`", "start_time"],
    ["metrics.nothing DESC"],
    ["params.algorithm"],
    ["params.algorithm DESC"],
    ["params.`a b` DESC", "metrics.loss DESC"],
    ["tags.market", "attributes.start_time ASC"],
    ["tags.market DESC"],
    ["attributes.start_time"],
    ["start_time DESC"],
    ["Created"],
    ["end_time"],
    ["attributes.end_time DESC"],
    ["status", "run_name DESC"],
    ["run_id"],
    ["user_id desc", "run_id DESC"],
    ["metrics.loss", "metrics.loss DESC"],
    ["metrics.loss upwards"],
    ["attributes.nothing"],
]


def answer(store, experiment, numbers, filter_string, order_by):
    try:
        found = store.search_runs([experiment], filter_string, ViewType.ACTIVE_ONLY, COUNT, order_by)
        return {"found": [numbers[run.info.run_id] for run in found]}
    except MlflowException as error:
        return {"error": str(error).split("\n")[0][:120]}


original_uuid4 = uuid.uuid4
runs = make_runs(random.Random(5))
numbers = {run["id"]: i for i, run in enumerate(runs)}
with tempfile.TemporaryDirectory() as folder:
    store = SqlAlchemyStore(f"sqlite:///{folder}/mlflow.db", folder)
    experiment = store.create_experiment("golden")
    load(store, experiment, runs)
    searches = [{"filter": text, "orderBy": [], **answer(store, experiment, numbers, text, [])} for text in FILTERS]
    searches += [{"filter": "", "orderBy": order, **answer(store, experiment, numbers, "", order)} for order in ORDERS]


def plain(value):
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    return {key: plain(item) for key, item in value.items() if item is not None} if isinstance(value, dict) else value


oracle = f"mlflow {mlflow.__version__} SqlAlchemyStore on SQLite {sqlite3.sqlite_version}, by packages/registry/oracles/mlflow_search_golden.py"
json.dump({"oracle": oracle, "runs": [plain(run) for run in runs], "searches": searches}, sys.stdout, ensure_ascii=False, separators=(",", ":"))
print()
