from flask import request
from flask_restful import Resource

from flask_shop.models import Todo, db

replies = {}  # a table, where there are several processes


class TodoList(Resource):
    def post(self):
        key = request.headers.get("Idempotency-Key")
        if key and key in replies:
            return replies[key]
        todo = Todo(title=request.get_json()["title"])
        db.session.add(todo)
        db.session.commit()
        reply = {"id": todo.id}, 201
        if key:
            replies[key] = reply
        return reply
