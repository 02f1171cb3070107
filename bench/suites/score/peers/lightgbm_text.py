"""A model of ours as a LightGBM text file: numeric splits, missing values as NaN. Used to give LightGBM the same trees to score."""

MISSING_IS_NAN = 8
DEFAULT_LEFT = 2


def lightgbm_text(model):
    """model: what toJson() gave. The base margin goes into the leaves of the first tree."""
    if "calibration" in model or any("categories" in tree or "zeroIsMissing" in tree for tree in model["trees"]):
        raise ValueError("lightgbm_text: only numeric splits and no calibration")
    names = model["featureNames"]
    header = [
        "tree",
        "version=v4",
        "num_class=1",
        "num_tree_per_iteration=1",
        "label_index=0",
        f"max_feature_idx={len(names) - 1}",
        "objective=binary sigmoid:1",
        f"feature_names={' '.join(names)}",
        f"feature_infos={' '.join('[-1e300:1e300]' for _ in names)}",
    ]
    trees = [tree_text(i, tree, model["baseMargin"] if i == 0 else 0.0) for i, tree in enumerate(model["trees"])]
    sizes = " ".join(str(len(tree)) for tree in trees)
    return "\n".join(header) + f"\ntree_sizes={sizes}\n\n" + "".join(trees) + "end of trees\n"


def tree_text(number, tree, added):
    """LightGBM counts splits from 0 and leaves from ~0 downwards."""
    splits = [node for node, feature in enumerate(tree["feature"]) if feature >= 0]
    leaves = [node for node, feature in enumerate(tree["feature"]) if feature < 0]
    position = {node: i for i, node in enumerate(splits)} | {node: ~i for i, node in enumerate(leaves)}
    fields = {
        "num_leaves": [len(leaves)],
        "num_cat": [0],
        "split_feature": [tree["feature"][node] for node in splits],
        "split_gain": [1 for _ in splits],
        "threshold": [repr(float(tree["threshold"][node])) for node in splits],
        "decision_type": [MISSING_IS_NAN + DEFAULT_LEFT * tree["missingLeft"][node] for node in splits],
        "left_child": [position[tree["left"][node]] for node in splits],
        "right_child": [position[tree["right"][node]] for node in splits],
        "leaf_value": [repr(float(tree["value"][node] + added)) for node in leaves],
        "leaf_weight": [tree["cover"][node] for node in leaves],
        "leaf_count": [1 for _ in leaves],
        "internal_value": [0 for _ in splits],
        "internal_weight": [tree["cover"][node] for node in splits],
        "internal_count": [1 for _ in splits],
        "is_linear": [0],
        "shrinkage": [1],
    }
    lines = [f"Tree={number}"] + [f"{name}={' '.join(map(str, values))}" for name, values in fields.items()]
    return "\n".join(lines) + "\n\n\n"
