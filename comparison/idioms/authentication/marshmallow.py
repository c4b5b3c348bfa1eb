from flask_login import LoginManager, current_user, login_required
from sqlalchemy import select

from flask_shop.app import app
from flask_shop.models import User, db

login_manager = LoginManager(app)


@login_manager.request_loader
def load_user_from_request(request):
    if request.authorization is None:
        return None
    key = request.authorization.token
    return db.session.scalar(select(User).filter_by(api_key=key))


@app.get("/users/me")
@login_required
def me():
    return {"username": current_user.username}
