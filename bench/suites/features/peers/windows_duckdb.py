"""DuckDB in the windows case: RANGE windows in one query, by the faster of two ways to add up."""

import os

import duckdb
import numpy as np
import pyarrow as pa
from serve_commands import fastest, serve_commands, timed

state = {}


def query(days, summed):
    """Makes a table of the results; time names the row. Windows are (t - length, t], in whole milliseconds."""
    columns = ", ".join(f"count(*) OVER w{d} AS count_{d}, sum({summed}) OVER w{d} AS cents_{d}" for d in days)
    windows = ", ".join(
        f"w{d} AS (PARTITION BY card ORDER BY time RANGE BETWEEN {d * 86_400_000 - 1} PRECEDING AND CURRENT ROW)" for d in days
    )
    return f"CREATE OR REPLACE TEMP TABLE result AS SELECT time, {columns} FROM events WINDOW {windows}"


def load(folder, days, threads):
    connection = duckdb.connect()
    connection.execute(f"SET threads TO {threads}")
    events = pa.table(
        {
            "time": np.fromfile(os.path.join(folder, "times.f64")).astype(np.int64),
            "card": np.fromfile(os.path.join(folder, "cards.i32"), dtype=np.int32),
            "cents": np.fromfile(os.path.join(folder, "cents.i32"), dtype=np.int32),
        }
    )
    connection.register("shared", events)
    connection.execute("CREATE TABLE events AS SELECT *, cents::DOUBLE AS cents_double FROM shared")
    connection.unregister("shared")
    state.update(connection=connection, days=days)
    variants = {"sums of integers": query(days, "cents"), "sums of doubles": query(days, "cents_double")}
    name, trials = fastest({name: lambda sql=sql: connection.execute(sql) for name, sql in variants.items()})
    state["query"] = variants[name]
    return {"variant": name, "trials": trials}


def run():
    return timed(lambda: state["connection"].execute(state["query"]))[0]


def save(file):
    """In order of time, which is that of the rows."""
    names = [f"{name}_{days}" for days in state["days"] for name in ("count", "cents")]
    columns = ", ".join(f"{name}::DOUBLE AS {name}" for name in names)
    result = state["connection"].execute(f"SELECT {columns} FROM result ORDER BY time").fetchnumpy()
    with open(file, "wb") as output:
        for name in names:
            np.asarray(result[name]).tofile(output)


serve_commands({"load": load, "run": run, "save": save})
