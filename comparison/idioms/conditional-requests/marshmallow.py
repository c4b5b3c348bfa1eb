from flask import jsonify, request
from flask_restful import Resource

from flask_shop.models import Todo, db


class TodoDetail(Resource):
    def get(self, todo_id):
        todo = db.get_or_404(Todo, todo_id)
        response = jsonify(title=todo.title)
        response.add_etag()
        return response.make_conditional(request)
