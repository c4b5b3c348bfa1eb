from flask import Flask, render_template
from flask_wtf.csrf import CSRFError, CSRFProtect

app = Flask(__name__)
app.config["SECRET_KEY"] = "dev"
csrf = CSRFProtect(app)
# In a form: <input type="hidden" name="csrf_token"
#                   value="{{ csrf_token() }}">


@app.errorhandler(CSRFError)
def handle_csrf_error(e):
    page = render_template("csrf_error.html", reason=e.description)
    return page, 400
