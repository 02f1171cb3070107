"""Makes src/exports/xgboost-json.golden.json: what XGBoost makes of the files that xgboost_json_export.mjs wrote.

Run with a Python that has xgboost 3.2 and numpy:  python oracles/xgboost_json_golden.py DIRECTORY
"""

import json
import pathlib
import sys

import numpy as np
import xgboost

directory = pathlib.Path(sys.argv[1])
exports = json.loads((directory / "list.json").read_text())
for export in exports:
    booster = xgboost.Booster(model_file=str(directory / f"{export['name']}.json"))
    booster.feature_names = booster.feature_types = None
    rows = np.loadtxt(directory / f"{export['name']}.csv", delimiter=",", dtype=np.float32, ndmin=2)
    margins = booster.inplace_predict(rows, predict_type="margin", validate_features=False)
    export["margins"] = [float(margin) for margin in margins]

oracle = f"xgboost {xgboost.__version__} inplace_predict(predict_type='margin') of the exported file"
out = pathlib.Path(__file__).parent.parent / "src" / "exports" / "xgboost-json.golden.json"
out.write_text(json.dumps({"oracle": oracle, "exports": exports}, separators=(",", ":")) + "\n")
