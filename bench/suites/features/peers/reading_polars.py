"""polars in the handbook case: reading the gzipped CSV file into a DataFrame, by the fastest of four ways, on all cores."""

import polars as pl
from serve_commands import fastest, serve_commands, timed

state = {}

COLUMNS = ["TRANSACTION_ID", "TX_DATETIME", "CUSTOMER_ID", "TERMINAL_ID", "TX_AMOUNT", "TX_FRAUD", "TX_FRAUD_SCENARIO"]
TEXT_IDS = {"CUSTOMER_ID": pl.String, "TERMINAL_ID": pl.String}


def load(file):
    def read(ids):
        return pl.read_csv(file, columns=COLUMNS, try_parse_dates=True, schema_overrides=ids)

    def scan(ids):
        return pl.scan_csv(file, try_parse_dates=True, schema_overrides=ids).select(COLUMNS).collect()

    variants = {
        "read_csv, ids as text": lambda: read(TEXT_IDS),
        "read_csv, ids as numbers": lambda: read({}),
        "scan_csv, ids as text": lambda: scan(TEXT_IDS),
        "scan_csv, ids as numbers": lambda: scan({}),
    }
    name, trials = fastest(variants)
    state["variant"] = variants[name]
    return {"variant": name, "trials": trials}


def run():
    state["table"] = None
    seconds, state["table"] = timed(state["variant"])
    return seconds


def facts():
    return (
        state["table"]
        .select(
            rows=pl.len(),
            cents=(pl.col("TX_AMOUNT") * 100).round().cast(pl.Int64).sum(),
            frauds=pl.col("TX_FRAUD").cast(pl.Int64).sum(),
            customers=pl.col("CUSTOMER_ID").n_unique(),
            terminals=pl.col("TERMINAL_ID").n_unique(),
            firstMs=pl.col("TX_DATETIME").min().dt.timestamp("ms"),
            lastMs=pl.col("TX_DATETIME").max().dt.timestamp("ms"),
        )
        .row(0, named=True)
    )


serve_commands({"load": load, "run": run, "facts": facts})
