"""What both libraries are asked for, given their ways of scoring a batch and a row."""

import time

import numpy as np
from serve_commands import fastest, timed

BATCHES = 10


class MeasuredCalls:
    """Commands of a peer: `batch_ways` and `row_ways` are functions of rows by name; the fastest of each is measured."""

    def __init__(self, rows, batch_ways, row_ways):
        self.rows = rows
        batch, batch_trials = fastest({name: lambda way=way: way(rows) for name, way in batch_ways.items()})
        row, row_trials = fastest(
            {name: lambda way=way: [way(rows[i : i + 1]) for i in range(min(500, len(rows)))] for name, way in row_ways.items()}
        )
        self.score_batch = batch_ways[batch]
        self.score_row = row_ways[row]
        self.trials = {f"batch: {name}": seconds for name, seconds in batch_trials.items()} | {
            f"500 rows, one a call: {name}": seconds for name, seconds in row_trials.items()
        }

    def batch(self):
        seconds, _ = timed(lambda: [self.score_batch(self.rows) for _ in range(BATCHES)])
        return seconds / BATCHES

    def single(self, calls):
        """p50, p90 and p99 in microseconds, by nearest rank."""
        latencies = np.empty(calls)
        for i in range(calls):
            at = i % len(self.rows)
            row = self.rows[at : at + 1]
            started = time.perf_counter()
            self.score_row(row)
            latencies[i] = (time.perf_counter() - started) * 1e6
        latencies.sort()
        return [latencies[int(np.ceil(quantile * calls)) - 1] for quantile in (0.5, 0.9, 0.99)]

    def save(self, file):
        np.asarray(self.score_batch(self.rows), np.float64).tofile(file)
