"""What the peers of explanations have in common: rows, trees as arrays, and the commands."""

import gc
import json
import os
import time

import numpy as np
from fraud_matrix import read_fraud_matrix
from serve_commands import serve_commands, timed


def read_rows(folder):
    return read_fraud_matrix(folder, "explained")[0]


def read_trees(folder):
    """The trees of LightGBM's JSON, each as arrays; a value goes left when it is at most the float32 threshold."""
    with open(os.path.join(folder, "model.json"), encoding="utf-8") as source:
        dump = json.load(source)
    return [tree_arrays(info["tree_structure"]) for info in dump["tree_info"]]


def tree_arrays(root):
    """Both children of a node stand side by side, as XGBoost takes for granted."""
    nodes = []
    waiting = [(root, -1)]
    while waiting:
        level = waiting
        waiting = []
        first_child = len(nodes) + len(level)
        for node, parent in level:
            if "split_feature" not in node:
                nodes.append((-1, 0.0, -1, -1, 0, node["leaf_value"], node["leaf_count"], parent))
                continue
            left = first_child + len(waiting)
            missing_left = node["default_left"] if node["missing_type"] != "None" else node["threshold"] >= 0
            waiting += [(node["left_child"], len(nodes)), (node["right_child"], len(nodes))]
            threshold = float_at_most(node["threshold"])
            nodes.append((node["split_feature"], threshold, left, left + 1, missing_left, 0.0, node["internal_count"], parent))
    names = ("feature", "threshold", "left", "right", "missing_left", "value", "cover", "parent")
    return {name: np.array([node[i] for node in nodes]) for i, name in enumerate(names)}


def float_at_most(x):
    rounded = np.float32(x)
    return rounded if float(rounded) <= x else np.nextafter(rounded, np.float32(-np.inf))


def serve(load, explain):
    """load(folder) returns all rows as a batch and a list of batches of one row; explain(batch) gives contributions and base."""
    state = {}

    def load_rows(folder):
        state["batch"], state["singles"] = load(folder)

    def one():
        gc.collect()
        times = []
        results = []
        for single in state["singles"]:
            started = time.perf_counter_ns()
            result = explain(single)
            times.append((time.perf_counter_ns() - started) / 1000)
            results.append(result)
        state["result"] = np.vstack(results)
        return times

    def run():
        state["result"] = None
        seconds, state["result"] = timed(lambda: explain(state["batch"]))
        return seconds

    def save(file):
        state["result"].astype(np.float64).tofile(file)

    serve_commands({"load": load_rows, "one": one, "run": run, "save": save})


def singles(rows):
    return [rows[i : i + 1] for i in range(len(rows))]
