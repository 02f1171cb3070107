"""scikit-learn in the logistic case: mean for missing values, standard scaling, LogisticRegression; or the last of them alone."""

import numpy as np
from fraud_matrix import read_rows
from serve_commands import serve_commands, timed
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

state = {}


def load(folder, total_rows, rows, prepared):
    training, state["labels"] = read_rows(folder, total_rows, 0, rows)
    tested, _ = read_rows(folder, total_rows, rows, total_rows)
    preparation = [SimpleImputer(), StandardScaler()]
    regression = LogisticRegression(max_iter=1000)
    if prepared:
        before = make_pipeline(*preparation)
        state["rows"], state["tested"] = before.fit_transform(training), before.transform(tested)
        state["estimator"] = regression
    else:
        state["rows"], state["tested"] = training, tested
        state["estimator"] = make_pipeline(*preparation, regression)


def run():
    seconds, state["model"] = timed(lambda: state["estimator"].fit(state["rows"], state["labels"]))
    return seconds


def save(file):
    state["model"].predict_proba(state["tested"])[:, 1].astype(np.float64).tofile(file)


serve_commands({"load": load, "run": run, "save": save})
