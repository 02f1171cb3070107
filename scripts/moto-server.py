"""moto's S3 as a server on the port that is the first argument.

moto checks the condition of a write and writes in two steps, S3 in one; a lock makes them one here too.
"""

import sys
import threading

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

moto = DomainDispatcherApplication(create_backend_app)
one_write_at_a_time = threading.Lock()


def application(environ, start_response):
    if environ["REQUEST_METHOD"] in ("GET", "HEAD"):
        return moto(environ, start_response)
    with one_write_at_a_time:
        return moto(environ, start_response)


server = make_server("127.0.0.1", int(sys.argv[1]), application, threaded=True)
print("Ready to accept connections", flush=True)
server.serve_forever()
