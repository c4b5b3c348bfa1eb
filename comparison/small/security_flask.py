"""Prints what Flask does for security when nobody has asked for anything."""

import json

from flask import Flask, Response, render_template_string, session

app = Flask(__name__)
app.secret_key = "of the comparison's own pages: 0123456789"  # noqa: S105 - nothing to protect


@app.route("/", methods=["GET", "POST"])
def page() -> str:
    """Show a text that is markup."""
    return render_template_string("{{ text }}", text="<b>")


@app.route("/login")
def login() -> Response:
    """Remember something."""
    session["user"] = "alice"
    return Response("")


def main() -> None:
    """Ask, and print."""
    client = app.test_client()
    first = client.get("/")
    result = {
        "headers": sorted(name for name, _ in first.headers if not name.startswith("Content-")),
        "unknown_host": client.get("/", headers={"Host": "elsewhere.example"}).status_code,
        "post_without_token": client.post("/").status_code,
        "cookie": client.get("/login").headers["Set-Cookie"].split("; ")[1:],
        "escaped": first.text,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
