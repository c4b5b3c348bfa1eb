from functools import wraps

from flask import abort, g
from flask_restful import Resource


def staff_required(view):
    @wraps(view)
    def wrapped(*args, **kwargs):
        if not g.user.is_staff:
            abort(403)
        return view(*args, **kwargs)

    return wrapped


class ProductDetail(Resource):
    @staff_required
    def delete(self, product_id):
        return "", 204
