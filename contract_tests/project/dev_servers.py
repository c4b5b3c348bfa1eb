"""Where the frameworks' own servers respond differently from gunicorn, and why.

Their HTTP is Python's http.server, which can't be configured. What they refuse before there is a
request is their own, as with gunicorn.
"""

CHUNKS = "wsgiref decodes no chunks, so the body is empty"
EMPTY = "wsgiref gives every response without a body a Content-Length of 0, also 204 and 304"
EXTENSIONS = "Werkzeug knows neither extensions of chunks nor trailers"

# Regular expressions for probes of contract_tests/raw_http, by theme and name, with the reason.
DIFFERENT = {
    "flask_api": {
        "bodies: chunk extensions": EXTENSIONS,
        "bodies: trailers are ignored": EXTENSIONS,
    },
    "drf_api": {
        "bodies: (one chunk|a chunk.*|chunks.*|chunk.*|Chunked.*|.*in chunks)": CHUNKS,
        "bodies: trailers are ignored": CHUNKS,
        "order: (OPTIONS looks at none of it|not modified)": EMPTY,
    },
}
