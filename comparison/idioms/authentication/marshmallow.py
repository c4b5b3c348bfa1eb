from flask_login import LoginManager, current_user, login_required
from sqlalchemy import select

from flask_shop.app import app
from flask_shop.models import User, db

login_manager = LoginManager(app)


@login_manager.request_loader
def load_user_from_request(request):
    authorization = request.authorization
    if authorization is None or authorization.token is None:
        return None
    query = select(User).filter_by(api_key=authorization.token)
    return db.session.scalar(query)


@app.get("/users/me")
@login_required
def me():
    return {"username": current_user.username}
