"""XGBoost with histograms in the boosting cases."""

import xgboost as xgb
from fraud_matrix import peak_memory, read_rows
from serve_commands import serve_commands, timed

state = {}


def load(folder, totalRows, rows, testRows, threads):
    state.update(folder=folder, total_rows=totalRows, test_rows=testRows)
    state["parameters"] = {
        "objective": "binary:logistic",
        "tree_method": "hist",
        "grow_policy": "lossguide",
        "max_leaves": 31,
        "max_depth": 0,
        "eta": 0.1,
        "lambda": 1,
        "min_child_weight": 1,
        "max_bin": 255,
        "nthread": threads,
    }
    state["train"] = read_rows(folder, totalRows, 0, rows)


def train(features, labels):
    parameters = {**state["parameters"], "base_score": float(labels.mean())}
    threads = parameters["nthread"]
    # The matrix of histograms is made straight from the features, without a copy of them.
    return xgb.train(parameters, xgb.QuantileDMatrix(features, labels, max_bin=255, nthread=threads), 100)


def run():
    seconds, _ = timed(lambda: train(*state["train"]))
    return seconds


def score(start, rows, file):
    total_rows = state["total_rows"]
    model = train(*read_rows(state["folder"], total_rows, start, start + rows))
    test, _ = read_rows(state["folder"], total_rows, total_rows - state["test_rows"], total_rows)
    model.inplace_predict(test).astype("float64").tofile(file)


serve_commands({"load": load, "run": run, "peak_memory": peak_memory, "score": score})
