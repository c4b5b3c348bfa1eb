from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView

from flask_shop.app import app
from flask_shop.models import Product, db


class ProductView(ModelView):
    column_list = ["name", "price"]
    column_searchable_list = ["name"]
    column_filters = ["price"]


admin = Admin(app, name="Shop")
admin.add_view(ProductView(Product, db))
