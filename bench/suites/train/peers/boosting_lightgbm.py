"""LightGBM in the boosting cases."""

import lightgbm as lgb
from fraud_matrix import peak_memory, read_rows
from serve_commands import serve_commands, timed

state = {}


def load(folder, totalRows, rows, testRows, threads, quantised):
    state.update(folder=folder, total_rows=totalRows, test_rows=testRows)
    state["parameters"] = {
        "objective": "binary",
        "num_leaves": 31,
        "learning_rate": 0.1,
        "lambda_l2": 1,
        "min_sum_hessian_in_leaf": 1,
        "min_data_in_leaf": 1,
        "max_bin": 255,
        "num_threads": threads,
        "use_quantized_grad": quantised,
        "verbosity": -1,
    }
    state["train"] = read_rows(folder, totalRows, 0, rows)


def train(features, labels):
    data = lgb.Dataset(features, labels, params=state["parameters"])
    return lgb.train(state["parameters"], data, 100)


def run():
    seconds, _ = timed(lambda: train(*state["train"]))
    return seconds


def score(start, rows, file):
    total_rows = state["total_rows"]
    model = train(*read_rows(state["folder"], total_rows, start, start + rows))
    test, _ = read_rows(state["folder"], total_rows, total_rows - state["test_rows"], total_rows)
    model.predict(test).astype("float64").tofile(file)


serve_commands({"load": load, "run": run, "peak_memory": peak_memory, "score": score})
