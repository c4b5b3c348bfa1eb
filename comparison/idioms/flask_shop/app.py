"""The application that the idioms of Flask add views to."""

from flask import Flask

app = Flask("flask_shop")
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
