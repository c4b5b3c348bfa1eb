"""Resources, as Flask-RESTful's quick start writes them."""

from flask import request
from flask_httpauth import HTTPBasicAuth
from flask_restful import Resource
from marshmallow import ValidationError

from comparison.plain.flask_plain.models import Category, Item, Product, Todo, User, db
from comparison.plain.flask_plain.schemas import (
    CategorySchema,
    ProductSchema,
    TodoSchema,
    UserSchema,
)

auth = HTTPBasicAuth()


@auth.verify_password
def verify_password(username, password):
    user = db.session.scalar(db.select(User).filter_by(username=username))
    if user and user.check_password(password):
        return user
    return None


def paginated(query, schema):
    page = db.paginate(query, per_page=10)
    return {
        "items": schema.dump(page.items, many=True),
        "page": page.page,
        "pages": page.pages,
        "total": page.total,
    }


class UserList(Resource):
    schema = UserSchema()

    def post(self):
        try:
            data = self.schema.load(request.get_json())
        except ValidationError as error:
            return error.messages, 422
        password = data.pop("password")
        user = User(**data)
        user.set_password(password)
        db.session.add(user)
        db.session.commit()
        return self.schema.dump(user), 201


class CategoryList(Resource):
    schema = CategorySchema()

    def get(self):
        return paginated(db.select(Category).order_by(Category.id), self.schema)


class ProductList(Resource):
    schema = ProductSchema()

    def get(self):
        query = db.select(Product).order_by(Product.id)
        search = request.args.get("search")
        if search:
            query = query.where(Product.name.ilike(f"%{search}%"))
        category = request.args.get("category", type=int)
        if category is not None:
            query = query.where(Product.categories.any(id=category))
        return paginated(query, self.schema)

    def post(self):
        try:
            data = self.schema.load(request.get_json())
        except ValidationError as error:
            return error.messages, 422
        product = Product(**data)
        db.session.add(product)
        db.session.commit()
        return self.schema.dump(product), 201


class ProductDetail(Resource):
    schema = ProductSchema()

    def get(self, product_id):
        return self.schema.dump(db.get_or_404(Product, product_id))

    def put(self, product_id):
        return self.change(product_id)

    def patch(self, product_id):
        return self.change(product_id, partial=True)

    def change(self, product_id, partial=False):
        product = db.get_or_404(Product, product_id)
        try:
            data = self.schema.load(request.get_json(), partial=partial)
        except ValidationError as error:
            return error.messages, 422
        for name, value in data.items():
            setattr(product, name, value)
        db.session.commit()
        return self.schema.dump(product)

    def delete(self, product_id):
        db.session.delete(db.get_or_404(Product, product_id))
        db.session.commit()
        return "", 204


class TodoList(Resource):
    method_decorators = [auth.login_required]
    schema = TodoSchema()

    def get(self):
        todos = db.select(Todo).filter_by(owner_id=auth.current_user().id)
        return paginated(todos.order_by(Todo.id), self.schema)

    def post(self):
        try:
            data = self.schema.load(request.get_json())
        except ValidationError as error:
            return error.messages, 422
        items = [Item(**item) for item in data.pop("items", [])]
        todo = Todo(owner_id=auth.current_user().id, items=items, **data)
        db.session.add(todo)
        db.session.commit()
        return self.schema.dump(todo), 201


class TodoDetail(Resource):
    method_decorators = [auth.login_required]
    schema = TodoSchema()

    def find(self, todo_id):
        query = db.select(Todo).filter_by(id=todo_id, owner_id=auth.current_user().id)
        return db.one_or_404(query)

    def get(self, todo_id):
        return self.schema.dump(self.find(todo_id))

    def put(self, todo_id):
        return self.change(todo_id)

    def patch(self, todo_id):
        return self.change(todo_id, partial=True)

    def change(self, todo_id, partial=False):
        todo = self.find(todo_id)
        try:
            data = self.schema.load(request.get_json(), partial=partial)
        except ValidationError as error:
            return error.messages, 422
        if "items" in data:
            todo.items = [Item(**item) for item in data.pop("items")]
        for name, value in data.items():
            setattr(todo, name, value)
        db.session.commit()
        return self.schema.dump(todo)

    def delete(self, todo_id):
        db.session.delete(self.find(todo_id))
        db.session.commit()
        return "", 204
