"""Scores a matrix by Python's loaders: python score-with-mlflow.py MODEL_FOLDER ROWS OUT

MODEL_FOLDER is an MLflow model. ROWS holds float32 numbers, and OUT gets float64: the probabilities by mlflow.onnx.load_model, run by
onnxruntime, and then by mlflow.pyfunc.load_model, of a data frame whose columns are in another order. Both loaders, and onnx.checker
with shape inference, must take the file.
"""

import json
import sys
import warnings

import numpy
import onnx
import onnxruntime
import pandas

warnings.filterwarnings("ignore")
import mlflow.onnx  # noqa: E402
import mlflow.pyfunc  # noqa: E402

folder, rows_path, out_path = sys.argv[1:]
with open(f"{folder}/MLmodel", encoding="utf-8") as file:
    names = [column["name"] for column in json.loads(json.load(file)["signature"]["inputs"])]
rows = numpy.fromfile(rows_path, dtype="float32").reshape(-1, len(names))

onnx.checker.check_model(f"{folder}/model.onnx", full_check=True)
model = mlflow.onnx.load_model(folder)
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
by_onnx = session.run(["probability"], {"features": rows})[0].reshape(-1)

frame = pandas.DataFrame(rows.astype("float64"), columns=names)
frame = frame[names[::-1]]
by_pyfunc = mlflow.pyfunc.load_model(folder).predict(frame)["probability"].to_numpy()
numpy.concatenate([by_onnx, by_pyfunc]).astype("float64").tofile(out_path)
