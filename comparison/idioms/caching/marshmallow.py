from flask_caching import Cache
from sqlalchemy import func, select

from flask_shop.app import app
from flask_shop.models import Product, db

cache = Cache(app, config={"CACHE_TYPE": "SimpleCache"})


@app.get("/products/summary")
@cache.cached(timeout=60)
def summary():
    query = select(func.count(), func.avg(Product.price))
    products, mean = db.session.execute(query).one()
    return {"products": products, "mean_price": str(mean)}
