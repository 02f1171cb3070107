"""DuckDB in the handbook case: reading the gzipped CSV file into a table in memory, by the faster of two ways, on all cores."""

import duckdb
from serve_commands import fastest, serve_commands, timed

state = {}


def query(options):
    return f"""CREATE OR REPLACE TABLE transactions AS
        SELECT TRANSACTION_ID, TX_DATETIME, CUSTOMER_ID, TERMINAL_ID, TX_AMOUNT, TX_FRAUD, TX_FRAUD_SCENARIO
        FROM read_csv($file{options})"""


def load(file):
    connection = duckdb.connect()
    text_ids = ", types = {'CUSTOMER_ID': 'VARCHAR', 'TERMINAL_ID': 'VARCHAR'}"
    queries = {"read_csv, ids as text": query(text_ids), "read_csv, ids as numbers": query("")}
    name, trials = fastest({name: lambda sql=sql: connection.execute(sql, {"file": file}) for name, sql in queries.items()})
    state.update(connection=connection, query=queries[name], file=file)
    return {"variant": name, "trials": trials}


def run():
    state["connection"].execute("DROP TABLE IF EXISTS transactions")
    return timed(lambda: state["connection"].execute(state["query"], {"file": state["file"]}))[0]


def facts():
    row = state["connection"].execute(
        """SELECT count(*), sum(round(TX_AMOUNT * 100)::BIGINT)::BIGINT, sum(TX_FRAUD::BIGINT)::BIGINT,
            count(DISTINCT CUSTOMER_ID), count(DISTINCT TERMINAL_ID), epoch_ms(min(TX_DATETIME)), epoch_ms(max(TX_DATETIME))
        FROM transactions"""
    ).fetchone()
    return dict(zip(["rows", "cents", "frauds", "customers", "terminals", "firstMs", "lastMs"], row))


serve_commands({"load": load, "run": run, "facts": facts})
