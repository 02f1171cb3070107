"""Trains the model that all contestants explain, and writes it as LightGBM's text and as its JSON."""

import json
import os

import lightgbm as lgb
from fraud_matrix import read_fraud_matrix
from serve_commands import serve_commands


def load(folder, trees, leaves):
    rows, labels = read_fraud_matrix(folder, "training")
    parameters = {
        "objective": "binary",
        "num_leaves": leaves,
        "learning_rate": 0.1,
        "lambda_l2": 1,
        "min_sum_hessian_in_leaf": 1,
        "min_data_in_leaf": 1,
        "num_threads": 1,
        "deterministic": True,
        "verbose": -1,
    }
    model = lgb.train(parameters, lgb.Dataset(rows, labels), trees)
    model.save_model(os.path.join(folder, "model.txt"))
    with open(os.path.join(folder, "model.json"), "w", encoding="utf-8") as output:
        json.dump(model.dump_model(), output)


serve_commands({"load": load})
