from flask import Flask, redirect, url_for
from flask_login import LoginManager, login_required, logout_user

from flask_shop.models import User, db

app = Flask(__name__)
login_manager = LoginManager(app)
login_manager.login_view = "login"


@login_manager.user_loader
def load_user(user_id):
    return db.session.get(User, int(user_id))


@app.post("/logout")  # the view of /login calls login_user(user)
@login_required
def logout():
    logout_user()
    return redirect(url_for("index"))
