from flask import Flask
from flask_restful import Api, Resource

app = Flask(__name__)
api = Api(app)


class TodoDetail(Resource):
    def get(self, todo_id):
        return {"id": todo_id}


api.add_resource(TodoDetail, "/todos/<int:todo_id>")
