from flask import Flask, flash, redirect, request, url_for

app = Flask(__name__)


@app.post("/todos")
def add_todo():
    flash(f"Added: {request.form['title']}", "success")
    return redirect(url_for("dashboard"))


# In base.html:
# {% for category, message in
#        get_flashed_messages(with_categories=true) %}
# <li class="{{ category }}">{{ message }}</li>
# {% endfor %}
