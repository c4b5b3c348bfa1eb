"""The rows that both programs begin with."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

CREATED = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
USERS = [
    {"username": "alice", "email": "alice@example.com", "password": "alice-demo-password"},
    {"username": "bob", "email": "bob@example.com", "password": "bob-demo-password"},
]
CATEGORIES = ["kitchen", "garden"]
NAMED = [
    ("MUG-RED", "Mug, red", "9.50", "kitchen"),
    ("MUG-BLUE", "Mug, blue", "9.90", "kitchen"),
    ("TEAPOT", "Teapot “Zoë”", "34.00", "kitchen"),
    ("SPADE", "Spade", "21.25", "garden"),
    ("HOSE-20", "Hose, 20 m", "28.00", "garden"),
    ("GLOVES", "Gloves, 100% cotton", "4.75", "garden"),
    *((f"POT-{size}", f"Flower pot, {size} cm", f"{size}.00", "garden") for size in range(10, 16)),
]
PRODUCTS: list[dict[str, Any]] = [
    {
        "sku": sku,
        "name": name,
        "price": Decimal(price),
        "stock": 12,
        "categories": [category],
        "created_at": CREATED,
    }
    for sku, name, price, category in NAMED
]
TODOS: list[dict[str, Any]] = [
    {
        "owner": "alice",
        "title": "Restock the mugs",
        "tags": ["restock"],
        "items": ["Count the shelf", "Order 48"],
        "due_at": datetime(2026, 3, 8, 17, 0, tzinfo=UTC),
        "created_at": CREATED,
    },
    {
        "owner": "bob",
        "title": "Water the plants",
        "tags": [],
        "items": [],
        "due_at": None,
        "created_at": CREATED,
    },
]
