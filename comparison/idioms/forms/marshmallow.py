from flask import Flask, redirect, render_template
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import DataRequired, Email, Length

app = Flask(__name__)


class RegisterForm(FlaskForm):
    username = StringField(
        "Username", validators=[DataRequired(), Length(min=3, max=30)]
    )
    email = EmailField("Email", validators=[Email()])
    password = PasswordField("Password", validators=[Length(min=8)])


@app.route("/register", methods=["GET", "POST"])
def register():
    form = RegisterForm()
    if form.validate_on_submit():
        return redirect("/dashboard")
    return render_template("register.html", form=form)
