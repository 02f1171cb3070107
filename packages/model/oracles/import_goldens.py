"""Makes src/imports/*.golden.json: small models of XGBoost and LightGBM with rows and the margins that these libraries give them.

Run with a Python that has xgboost 3.4, lightgbm 4.7, numpy and pandas:  python oracles/import_goldens.py
"""

import base64
import json
import pathlib

import lightgbm
import numpy as np
import pandas as pd
import xgboost

OUT = pathlib.Path(__file__).parent.parent / "src" / "imports"
RNG = np.random.default_rng(4)
COLUMNS = ["AMOUNT", "AGE", "RATIO", "COUNT", "MERCHANT"]
ROWS = 3000


def training_rows(zeros=False, missing=True):
    x = np.column_stack(
        [
            RNG.lognormal(3, 1.5, ROWS),
            RNG.integers(18, 90, ROWS),
            RNG.normal(0, 1, ROWS),
            RNG.poisson(2, ROWS),
            RNG.integers(0, 40, ROWS),
        ]
    ).astype(np.float32)
    if zeros:
        x[RNG.random(x.shape) < 0.15] = 0
    risk = 0.02 * x[:, 0] + x[:, 2] + 0.3 * x[:, 3] + np.isin(x[:, 4], [3, 7, 21, 33]) * 2
    y = (risk + RNG.normal(0, 1, ROWS) > 3).astype(int)
    if missing:
        x[RNG.random(x.shape) < 0.1] = np.nan
    return x, y


def probe_rows(thresholds, categorical, count=120):
    """Rows of thresholds, the float32 numbers beside them, and everything odd."""
    pools = []
    for j in range(len(COLUMNS)):
        t = np.array(sorted(thresholds.get(j, [0.0])), dtype=np.float64)
        t = np.clip(t, -3e38, 3e38).astype(np.float32)
        near = np.concatenate([t, np.nextafter(t, np.float32(np.inf)), np.nextafter(t, np.float32(-np.inf))])
        odd = np.array([np.nan, np.nan, np.inf, -np.inf, 0, -1, 1e-35, -1e-35, 2e-35, 1e10], dtype=np.float32)
        codes = np.arange(0, 45, dtype=np.float32)
        pool = np.concatenate([codes, [999, 16777215, 16777216, np.nan, -3, 1e10, 7.5]]) if j in categorical else np.concatenate([near, near, odd])
        pools.append(pool.astype(np.float32))
    rows = np.column_stack([RNG.choice(pool, count) for pool in pools])
    rows[0] = np.nan
    return rows


def row_texts(rows):
    return [",".join(str(v) for v in row) for row in rows]


def write(name, content):
    path = OUT / f"{name}.golden.json"
    path.write_text(json.dumps(content, separators=(",", ":")) + "\n")
    print(path.name, path.stat().st_size)


def xgboost_thresholds(booster):
    found = {}
    text = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]
    if text["name"] == "gblinear":
        return found
    for tree in text.get("gbtree", text)["model"]["trees"]:
        for left, j, t in zip(tree["left_children"], tree["split_indices"], tree["split_conditions"]):
            if left != -1:
                found.setdefault(j, set()).add(t)
    return found


def write_xgboost(name, booster, categorical=(), iterations=None):
    rows = probe_rows(xgboost_thresholds(booster), categorical)
    linear = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]["name"] == "gblinear"
    margins, probabilities = [], []
    # XGBoost refuses infinite values in a DMatrix, but not here.
    if linear:
        rows[np.isinf(rows)] = 2.5
        matrix = xgboost.DMatrix(rows, feature_names=booster.feature_names)
        margins, probabilities = booster.predict(matrix, output_margin=True), booster.predict(matrix)
    else:
        span = (0, booster.best_iteration + 1) if iterations == "best" else (0, 0)
        plain = booster.copy()
        plain.feature_names = plain.feature_types = None
        margins = plain.inplace_predict(rows, predict_type="margin", iteration_range=span, validate_features=False)
        probabilities = plain.inplace_predict(rows, iteration_range=span, validate_features=False)
    if name == "logitraw":  # XGBoost predicts margins for it.
        probabilities = 1 / (1 + np.exp(-np.asarray(margins, dtype=np.float64)))
    write(
        f"xgboost-{name}",
        {
            "oracle": f"xgboost {xgboost.__version__} inplace_predict",
            "options": {} if iterations is None else {"iterations": iterations},
            "json": booster.save_raw("json").decode(),
            "ubj": base64.b64encode(booster.save_raw("ubj")).decode(),
            "rows": row_texts(rows),
            "margins": [float(m) for m in margins],
            "probabilities": [float(p) for p in probabilities],
        },
    )


def train_xgboost(parameters, rounds, x, y, types=None, **more):
    matrix = xgboost.DMatrix(x, y, feature_names=COLUMNS, feature_types=types, enable_categorical=True)
    base = {"objective": "binary:logistic", "max_depth": 3, "seed": 1, "nthread": 1}
    return xgboost.train(base | parameters, matrix, rounds, **more)


def make_xgboost():
    x, y = training_rows()
    types = ["float"] * 4 + ["c"]
    write_xgboost("numeric", train_xgboost({"max_depth": 4}, 5, x, y))
    write_xgboost("categorical", train_xgboost({"max_depth": 4, "scale_pos_weight": 5}, 4, x, y, types), {4})
    write_xgboost("one-hot", train_xgboost({"max_cat_to_onehot": 100, "objective": "reg:logistic"}, 5, x, y, types), {4})
    write_xgboost("dart", train_xgboost({"booster": "dart", "rate_drop": 0.5}, 8, x, y))
    write_xgboost("forest", train_xgboost({"num_parallel_tree": 3, "subsample": 0.6, "colsample_bynode": 0.6}, 2, x, y))
    write_xgboost("logitraw", train_xgboost({"objective": "binary:logitraw", "base_score": -1.25}, 3, x, y))
    complete = np.nan_to_num(x)
    write_xgboost("linear", train_xgboost({"booster": "gblinear"}, 5, complete, y))
    vx, vy = training_rows()
    valid = xgboost.DMatrix(vx[:300], vy[:300], feature_names=COLUMNS)
    stopped = train_xgboost(
        {"eta": 1.0}, 40, x[:600], y[:600], evals=[(valid, "valid")], early_stopping_rounds=3, verbose_eval=False
    )
    assert stopped.best_iteration + 1 < stopped.num_boosted_rounds()
    write_xgboost("stopped-best", stopped, iterations="best")
    frame = pd.DataFrame(x, columns=COLUMNS)
    codes = np.nan_to_num(x[:, 4], nan=-1).astype(int)
    # Not beyond ASCII: XGBoost 3.2 cuts such strings short.
    frame["MERCHANT"] = pd.Categorical.from_codes(codes, [f"shop-{k}" for k in range(40)])
    matrix = xgboost.DMatrix(frame, y, enable_categorical=True)
    write_xgboost("pandas", xgboost.train({"objective": "binary:logistic", "max_depth": 3}, matrix, 3), {4})


def lightgbm_thresholds(booster):
    found = {}

    def walk(node):
        if "split_feature" in node:
            if node["decision_type"] == "<=":
                found.setdefault(node["split_feature"], set()).add(node["threshold"])
            walk(node["left_child"])
            walk(node["right_child"])

    for tree in booster.dump_model()["tree_info"]:
        walk(tree["tree_structure"])
    return found


def write_lightgbm(name, parameters, rounds=4, categorical=(), x_y=None, x_valid=None):
    x, y = x_y or training_rows()
    base = {"objective": "binary", "num_leaves": 8, "verbose": -1, "seed": 1, "num_threads": 1, "deterministic": True}
    data = lightgbm.Dataset(
        x,
        y,
        feature_name="auto" if isinstance(x, pd.DataFrame) else COLUMNS,
        categorical_feature="auto" if isinstance(x, pd.DataFrame) else sorted(categorical),
    )
    more = {}
    if x_valid is not None:
        more = {"valid_sets": [lightgbm.Dataset(*x_valid, reference=data)], "callbacks": [lightgbm.early_stopping(3, verbose=False)]}
    booster = lightgbm.train(base | parameters, data, rounds, **more)
    rows = probe_rows(lightgbm_thresholds(booster), categorical)
    plain = lightgbm.Booster(model_str=booster.model_to_string())
    plain.pandas_categorical = None
    write(
        f"lightgbm-{name}",
        {
            "oracle": f"lightgbm {lightgbm.__version__} predict(raw_score=True)",
            "options": {},
            "text": booster.model_to_string(),
            "dump": json.dumps(booster.dump_model()),
            "rows": row_texts(rows),
            "margins": [float(m) for m in plain.predict(rows, raw_score=True)],
            "probabilities": [float(p) for p in plain.predict(rows)],
        },
    )


def make_lightgbm():
    write_lightgbm("numeric", {})
    write_lightgbm("categorical", {"scale_pos_weight": 4.0}, 4, {4})
    write_lightgbm("zero-as-missing", {"zero_as_missing": True}, x_y=training_rows(zeros=True))
    write_lightgbm("no-missing", {"use_missing": False})
    write_lightgbm("complete", {}, x_y=training_rows(missing=False))
    write_lightgbm("random-forest", {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6, "feature_fraction": 0.8})
    write_lightgbm("sigmoid", {"sigmoid": 2.0, "is_unbalance": True})
    write_lightgbm("cross-entropy", {"objective": "cross_entropy"})
    x, y = training_rows()
    write_lightgbm("stopped", {"learning_rate": 1.0}, 40, x_y=(x[:600], y[:600]), x_valid=(x[600:900], y[600:900]))
    frame = pd.DataFrame(x, columns=COLUMNS)
    codes = np.nan_to_num(x[:, 4], nan=-1).astype(int)
    frame["MERCHANT"] = pd.Categorical.from_codes(codes, [f"shop-é{k}" for k in range(40)])
    write_lightgbm("pandas", {"max_cat_to_onehot": 1}, 3, {4}, x_y=(frame, y))


def make_zero_band():
    """Splits right below and right above 0, where LightGBM puts thresholds of -1e-35 and 1e-35."""
    global RNG
    RNG = np.random.default_rng(5)
    x = np.where(RNG.random((ROWS, len(COLUMNS))) < 0.4, 0, RNG.normal(0, 1, (ROWS, len(COLUMNS)))).astype(np.float32)
    risk = (x < 0) @ np.array([2, -1, 1.5, 0, 0]) + (x > 0) @ np.array([0, 2, 0, -1.5, 1])
    y = (risk + RNG.normal(0, 1, ROWS) > 1.5).astype(int)
    write_lightgbm("zero-band", {"max_bin": 15}, x_y=(x, y))


if __name__ == "__main__":
    make_xgboost()
    make_lightgbm()
    make_zero_band()
