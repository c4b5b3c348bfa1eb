from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

app = Flask(__name__)
limiter = Limiter(
    get_remote_address, app=app, default_limits=["200 per day"]
)


@app.post("/tokens")
@limiter.limit("10 per minute")
def create_token():
    return {"token": "…"}, 201
