"""XGBoost's pred_contribs on one thread, of the same trees: x < t with the next float32 above each threshold. Its matrices are made outside the clock."""

import json

import numpy as np
import xgboost as xgb
from explaining import read_rows, read_trees, serve, singles

state = {}


def xgboost_tree(number, tree, features):
    leaf = tree["feature"] < 0
    above = np.nextafter(tree["threshold"].astype(np.float32), np.float32(np.inf))
    count = len(leaf)
    return {
        "base_weights": [0.0] * count,
        "categories": [],
        "categories_nodes": [],
        "categories_segments": [],
        "categories_sizes": [],
        "default_left": tree["missing_left"].astype(int).tolist(),
        "id": number,
        "left_children": tree["left"].tolist(),
        "loss_changes": [0.0] * count,
        "parents": np.where(tree["parent"] < 0, 2147483647, tree["parent"]).tolist(),
        "right_children": tree["right"].tolist(),
        "split_conditions": np.where(leaf, tree["value"], above).tolist(),
        "split_indices": np.where(leaf, 0, tree["feature"]).tolist(),
        "split_type": [0] * count,
        "sum_hessian": tree["cover"].astype(float).tolist(),
        "tree_param": {"num_deleted": "0", "num_feature": str(features), "num_nodes": str(count), "size_leaf_vector": "1"},
    }


def xgboost_model(trees, features):
    return {
        "learner": {
            "attributes": {},
            "feature_names": [],
            "feature_types": [],
            "gradient_booster": {
                "model": {
                    "gbtree_model_param": {"num_parallel_tree": "1", "num_trees": str(len(trees))},
                    "iteration_indptr": list(range(len(trees) + 1)),
                    "tree_info": [0] * len(trees),
                    "trees": [xgboost_tree(i, tree, features) for i, tree in enumerate(trees)],
                },
                "name": "gbtree",
            },
            "learner_model_param": {
                "base_score": "5E-1",
                "boost_from_average": "1",
                "num_class": "0",
                "num_feature": str(features),
                "num_target": "1",
            },
            "objective": {"name": "binary:logistic", "reg_loss_param": {"scale_pos_weight": "1"}},
        },
        "version": [2, 1, 0],
    }


def load(folder):
    rows = read_rows(folder)
    model = xgboost_model(read_trees(folder), rows.shape[1])
    state["model"] = xgb.Booster({"nthread": 1})
    state["model"].load_model(bytearray(json.dumps(model).encode()))
    state["model"].set_param({"nthread": 1})
    matrix = lambda part: xgb.DMatrix(part, nthread=1)
    return matrix(rows), [matrix(single) for single in singles(rows)]


serve(load, lambda matrix: state["model"].predict(matrix, pred_contribs=True))
