"""Reads what fraud-matrix.js writes."""

import os

import numpy as np


def read_fraud_matrix(folder, name):
    """Float32 rows, one after the other in memory, NaN for missing; and labels."""
    labels = np.fromfile(os.path.join(folder, f"{name}.y.u8"), np.uint8)
    columns = np.fromfile(os.path.join(folder, f"{name}.x.f32"), np.float32).reshape(-1, len(labels))
    return np.ascontiguousarray(columns.T), labels
