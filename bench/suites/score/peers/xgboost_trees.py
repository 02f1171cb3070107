"""XGBoost in the trees case, scoring our export of the model."""

import os

import xgboost as xgb
from fraud_matrix import read_fraud_matrix
from measured_calls import MeasuredCalls
from serve_commands import serve_commands

state = {}


def load(folder):
    booster = xgb.Booster({"nthread": 1}, model_file=os.path.join(folder, "xgboost.json"))
    booster.set_param({"nthread": 1})
    rows, _ = read_fraud_matrix(folder, "scored")
    ways = {
        "inplace_predict": booster.inplace_predict,
        "inplace_predict, not validated": lambda x: booster.inplace_predict(x, validate_features=False),
        "predict of a DMatrix": lambda x: booster.predict(xgb.DMatrix(x, nthread=1), validate_features=False),
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
