"""MLflow's client with its store in this process, its fastest way: no HTTP server between them."""

import logging
import os

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
os.environ["DO_NOT_TRACK"] = "true"

from mlflow import MlflowClient  # noqa: E402

logging.getLogger("mlflow").setLevel(logging.ERROR)


def open_client(url, folder):
    """The client of a database, `sqlite:///...` or `postgres://...`; MLflow makes a folder for files where it is started."""
    os.chdir(folder)
    return MlflowClient(tracking_uri=sqlalchemy_url(url))


def sqlalchemy_url(url):
    return url.replace("postgres://", "postgresql+psycopg2://")
