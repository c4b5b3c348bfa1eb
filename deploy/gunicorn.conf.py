"""gunicorn's settings for either twin; everything else is left at its default on purpose.

A variable that is empty or blank counts as unset, and spaces around a value don't count.
"""

import gc

from deploy.settings import bind_addresses, log_level, setting, whole_number

# Reachable from this machine only, until somebody puts a proxy in front on purpose.
bind = bind_addresses("BIND", "127.0.0.1:8000")

# Gunicorn itself reads WEB_CONCURRENCY before this file, and an empty one ends in its traceback.
workers = whole_number("WORKERS", whole_number("WEB_CONCURRENCY", 1))

# gunicorn's gthread, but for /api/health, which has a thread of its own. Threads keep idle
# connections open and let slow clients wait without holding up the others.
worker_class = "deploy.worker.HealthWorker"
threads = whole_number("THREADS", 4)

# Longer than most clients pause between two requests: they rarely meet a closed connection.
keepalive = 5

# A request that is still running gets this long to finish when the server is told to stop.
graceful_timeout = 10

# The most that gunicorn allows for the request line: its default, 4,094 bytes, would refuse queries
# that percent-encoding makes long. A header field may be as long.
limit_request_line = 8190
limit_request_field_size = 8190

# By default every client on this machine counts as a proxy, which may set the URL's scheme by
# X-Forwarded-Proto and the path's prefix by a header called SCRIPT_NAME. Here only a proxy that is
# named counts, and the prefix is nobody's to set.
forwarded_allow_ips = setting("FORWARDED_ALLOW_IPS")
forwarder_headers = ""
secure_scheme_headers = {"X-FORWARDED-PROTO": "https"}  # which deploy/nginx.conf sets, and no other

# The control socket would be one file in the user's home, which both twins would fight over.
control_socket_disable = True

# Only what needs attention; there is no access log, which is a proxy's job.
loglevel = log_level("LOG_LEVEL", "WARNING")


def post_worker_init(_worker: object) -> None:
    """Exempt from garbage collection what was loaded, which stays for as long as the worker runs.

    Otherwise a body of many arrays, each of which counts as garbage to come, has all of the program
    searched again and again while it is decoded: 0.2 seconds for 1 MiB in place of 0.04.
    """
    gc.collect()
    gc.freeze()
