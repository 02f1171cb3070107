"""LightGBM in the trees case, scoring the model in LightGBM's own text format."""

import json
import os

import lightgbm as lgb
from fraud_matrix import read_fraud_matrix
from lightgbm_text import lightgbm_text
from measured_calls import MeasuredCalls
from serve_commands import serve_commands

state = {}


def load(folder):
    with open(os.path.join(folder, "model.json")) as file:
        booster = lgb.Booster(model_str=lightgbm_text(json.load(file)))
    rows, _ = read_fraud_matrix(folder, "scored")
    ways = {
        "predict": lambda x: booster.predict(x, num_threads=1),
        "predict, shape not checked": lambda x: booster.predict(x, num_threads=1, predict_disable_shape_check=True),
    }
    state["calls"] = MeasuredCalls(rows, ways, ways)
    return {"trials": state["calls"].trials}


serve_commands(
    {
        "load": load,
        "batch": lambda: state["calls"].batch(),
        "single": lambda calls: state["calls"].single(calls),
        "save": lambda file: state["calls"].save(file),
    }
)
