"""How gunicorn serves what is measured, beyond the options that servers.py gives."""

# Each process would fight for one socket in the user's home.
control_socket_disable = True
keepalive = 5
graceful_timeout = 5
loglevel = "warning"
# What the project's own configuration allows for.
limit_request_line = 8190
limit_request_field_size = 8190
