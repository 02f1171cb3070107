"""LightGBM's pred_contrib on one thread."""

import os

import lightgbm as lgb
from explaining import read_rows, serve, singles

state = {}


def load(folder):
    state["model"] = lgb.Booster(model_file=os.path.join(folder, "model.txt"))
    rows = read_rows(folder)
    return rows, singles(rows)


serve(load, lambda rows: state["model"].predict(rows, pred_contrib=True, num_threads=1))
