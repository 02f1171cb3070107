"""polars in the windows case, by the fastest of four ways."""

import os

import numpy as np
import polars as pl
from serve_commands import fastest, serve_commands, timed

state = {}

# Farther apart than any window is long, so that no window reaches into another card's payments.
CARD_STRIDE_MS = 1 << 43


def columns(frame_of_window):
    """Result columns in the order of all contestants: for each window the count, then the sum."""
    return [column for days in state["days"] for column in frame_of_window(days)]


def rolling_groups():
    """DataFrame.rolling with group_by, a frame for each window."""
    events = state["events"].lazy()
    frames = [
        events.rolling("time", period=f"{days}d", group_by="card").agg(
            pl.len().alias(f"count_{days}"), pl.col("cents").sum().alias(f"cents_{days}")
        )
        for days in state["days"]
    ]
    return pl.collect_all(frames)


def rolling_sum_by_over():
    """rolling_sum_by over cards; a count is the sum of a column of ones, which is made outside the clock."""
    return state["events"].select(
        "time",
        *columns(
            lambda days: [
                pl.col(column).rolling_sum_by("time", window_size=f"{days}d").over("card").alias(f"{name}_{days}")
                for name, column in (("count", "one"), ("cents", "cents"))
            ]
        ),
    )


def rolling_expression_over():
    """Expr.rolling over cards."""
    return state["events"].select(
        "time",
        *columns(
            lambda days: [
                aggregate.rolling(index_column="time", period=f"{days}d").over("card").alias(f"{name}_{days}")
                for name, aggregate in (("count", pl.len()), ("cents", pl.col("cents").sum()))
            ]
        ),
    )


def rolling_sum_by_one_key():
    """Sorted by card and time, one rolling_sum_by without groups, over a whole number made of both."""
    key = (pl.col("card").cast(pl.Int64) * CARD_STRIDE_MS + pl.col("ms")).alias("key")
    return (
        state["events"]
        .lazy()
        .select("time", "one", "cents", key)
        .sort("key")
        .select(
            "time",
            *columns(
                lambda days: [
                    pl.col(column).rolling_sum_by("key", window_size=f"{days * 86_400_000}i").alias(f"{name}_{days}")
                    for name, column in (("count", "one"), ("cents", "cents"))
                ]
            ),
        )
        .collect()
    )


VARIANTS = {
    "rolling(group_by)": rolling_groups,
    "rolling_sum_by over card": rolling_sum_by_over,
    "rolling expression over card": rolling_expression_over,
    "sort, rolling_sum_by one key": rolling_sum_by_one_key,
}


def load(folder, days, threads):
    if pl.thread_pool_size() != threads:
        raise RuntimeError(f"polars has {pl.thread_pool_size()} threads, expected {threads}")
    ms = np.fromfile(os.path.join(folder, "times.f64")).astype(np.int64)
    state["days"] = days
    state["events"] = pl.DataFrame(
        {
            "ms": ms,
            "time": ms,
            "card": np.fromfile(os.path.join(folder, "cards.i32"), dtype=np.int32),
            "cents": np.fromfile(os.path.join(folder, "cents.i32"), dtype=np.int32).astype(np.int64),
            "one": np.ones(len(ms), dtype=np.int64),
        }
    ).with_columns(pl.col("time").cast(pl.Datetime("ms")).set_sorted())
    name, trials = fastest(VARIANTS)
    state["variant"] = VARIANTS[name]
    return {"variant": name, "trials": trials}


def run():
    state["result"] = None
    seconds, state["result"] = timed(state["variant"])
    return seconds


def save(file):
    """In order of time, which is that of the rows."""
    result = state["result"]
    frames = [frame.sort("time") for frame in (result if isinstance(result, list) else [result])]
    with open(file, "wb") as output:
        for frame in frames:
            for column in frame.columns:
                if column.startswith(("count_", "cents_")):
                    frame[column].cast(pl.Float64).to_numpy().tofile(output)


serve_commands({"load": load, "run": run, "save": save})
