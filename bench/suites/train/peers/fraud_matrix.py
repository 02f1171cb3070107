"""The rows that the contestants of the training suite share."""

import os
import resource

import numpy as np

FEATURES = 30


def read_rows(folder, total_rows, start, end):
    """Features row by row as float32, the form that the peers like best, and labels."""
    columns = np.memmap(os.path.join(folder, "x.f32"), dtype=np.float32, mode="r", shape=(FEATURES, total_rows))
    labels = np.memmap(os.path.join(folder, "y.u8"), dtype=np.uint8, mode="r")
    return np.ascontiguousarray(columns[:, start:end].T), np.array(labels[start:end])


def peak_memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
