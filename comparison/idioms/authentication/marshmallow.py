from flask import current_app as app
from flask_login import LoginManager, login_required

from flask_shop.models import User, db

login_manager = LoginManager()


@login_manager.request_loader
def load_user_from_request(request):
    if not request.authorization:
        return None
    return db.session.get(User, request.authorization.token)


@app.get("/users/me")
@login_required
def me():
    return {"username": "…"}
