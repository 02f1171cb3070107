"""The shap package's TreeExplainer over the same trees as arrays, so that its own C extension does the work and not LightGBM's."""

import numpy as np
import shap
from explaining import read_rows, read_trees, serve, singles

state = {}


def shap_tree(tree):
    return {
        "children_left": tree["left"],
        "children_right": tree["right"],
        "children_default": np.where(tree["missing_left"] > 0, tree["left"], tree["right"]),
        "features": tree["feature"],
        "thresholds": tree["threshold"].astype(np.float64),
        "values": tree["value"].reshape(-1, 1),
        "node_sample_weight": tree["cover"].astype(np.float64),
    }


def load(folder):
    trees = [shap_tree(tree) for tree in read_trees(folder)]
    model = {"trees": trees, "tree_output": "raw_value", "input_dtype": np.float32, "internal_dtype": np.float64}
    state["explainer"] = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
    rows = read_rows(folder)
    return rows, singles(rows)


def explain(rows):
    contributions = state["explainer"].shap_values(rows, check_additivity=False)
    base = np.full((len(rows), 1), state["explainer"].expected_value)
    return np.hstack([np.reshape(contributions, (len(rows), -1)), base])


serve(load, explain)
