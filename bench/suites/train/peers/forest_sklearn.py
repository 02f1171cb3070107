"""scikit-learn in the forest case: RandomForestClassifier with its defaults but for the number of trees."""

from fraud_matrix import read_rows
from serve_commands import serve_commands, timed
from sklearn.ensemble import RandomForestClassifier

state = {}


def load(folder, total_rows, rows, trees, threads):
    state["rows"], state["labels"] = read_rows(folder, total_rows, 0, rows)
    state["tested"], _ = read_rows(folder, total_rows, rows, total_rows)
    state["settings"] = {"n_estimators": trees, "n_jobs": threads, "random_state": 0}


def run():
    state["model"] = None
    forest = RandomForestClassifier(**state["settings"])
    seconds, state["model"] = timed(lambda: forest.fit(state["rows"], state["labels"]))
    return seconds


def save(file):
    state["model"].predict_proba(state["tested"])[:, 1].tofile(file)


serve_commands({"load": load, "run": run, "save": save})
