"""Where the frameworks' own servers don't answer as gunicorn does, and why.

They have their HTTP from Python's http.server, which no setting reaches. What they refuse before
there is a request is their own, as gunicorn's refusals are.
"""

SLASHES = "http.server makes one slash of several in front"
ABSOLUTE = "wsgiref takes the whole target for the path"
CHUNKS = "wsgiref decodes no chunks, so the body is empty"
EXTENSIONS = "Werkzeug knows neither extensions of chunks nor trailers"
UTF_8 = "Werkzeug puts U+FFFD for bytes of the path that are no UTF-8"
BLANKS = "http.server leaves blanks behind a value"
WHITE_SPACE = "wsgiref strips a value of what Python takes for white space"

# Regular expressions for probes of contract_tests/raw_http, by theme and name, with the reason.
DIFFERENT = {
    "flask_api": {
        "request_line: (doubled slash|three slashes) in front": SLASHES,
        "hosts: a bad host comes before a path that begins like a host": SLASHES,
        "request_line: (invalid|truncated|surrogate in|overlong) UTF-8.*": UTF_8,
        "bodies: chunk extensions": EXTENSIONS,
        "bodies: trailers are ignored": EXTENSIONS,
        "headers: .*, which the field's syntax allows": BLANKS,
        r"tokens: Content-Encoding: \t identity \t": BLANKS,
        "tokens: .*(tabs|spaces) around.*": BLANKS,
    },
    "drf_api": {
        "request_line: (doubled slash|three slashes) in front": SLASHES,
        "hosts: a bad host comes before a path that begins like a host": SLASHES,
        "request_line: absolute form( with a query)?": ABSOLUTE,
        "bodies: .*(chunk|Chunked).*": CHUNKS,
        "bodies: trailers are ignored": CHUNKS,
        "tokens: .* with _ as a (no-break space|next line)": WHITE_SPACE,
    },
}
