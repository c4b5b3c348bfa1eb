"""What the demo data, the contract and the problems' texts look like, byte for byte."""

import json
from typing import Any

from contract_tests.law import digest
from contract_tests.raw_http.probe import ALICE, ROOT, SAM, Probe, request, texts

WOOL = "/api/products/019b97c6-4e86-7b7b-ac1c-f33462cbeaea"  # THROW-WOOL
LINEN = "/api/todos/019bfed1-dcdf-75a5-8f86-4e83925f649f"  # of Alice, about NAPKIN-LINEN-4


def exact(name: str, raw: bytes, document: Any, media_type: str = "application/json") -> Probe:
    """Expect a success, byte for byte; anything but bytes is written as compact JSON."""
    body = (
        document
        if isinstance(document, bytes)
        else json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    )
    return Probe(
        name,
        raw,
        200,
        body=body,
        fields={"Content-Type": media_type, "ETag": digest(body), "Last-Modified": None},
    )


SYSTEM = [
    exact("health", request("GET /api/health"), {"status": "healthy"}),
    exact("readiness", request("GET /api/health/ready"), {"status": "ready"}),
    exact(
        "the contract itself",
        request("GET /api/openapi.yaml"),
        (ROOT / "openapi.yaml").read_bytes(),
        "application/yaml",
    ),
]

PROBLEMS = [
    exact(
        f"the text of {name}",
        request(f"GET /api/problems/{name}"),
        f"{listed['title']}\n\n{listed['text']}\n".encode(),
        "text/plain; charset=utf-8",
    )
    for name, listed in texts()[0].items()
]

SEEDED = [
    exact(
        "a product",
        request(f"GET {WOOL}"),
        {
            "id": "019b97c6-4e86-7b7b-ac1c-f33462cbeaea",
            "sku": "THROW-WOOL",
            "name": "Wool throw, undyed",
            "description": "Undyed wool from Gotland sheep, with fringes.",
            "category": "textiles",
            "price": "1290.00",
            "currency": "SEK",
            "attributes": {"material": "Gotland wool", "size": "130 × 180 cm"},
            "active": True,
            "stock": 3,
            "created_at": "2026-01-07T09:25:14.502811Z",
            "updated_at": "2026-02-02T15:05:56.262029Z",
        },
    ),
    exact(
        "a todo",
        request(f"GET {LINEN}", ALICE),
        {
            "id": "019bfed1-dcdf-75a5-8f86-4e83925f649f",
            "title": "Change the label to “100% linen”",
            "notes": "Only the napkins. The tea towels are half-linen and stay as they are.",
            "completed": False,
            "completed_at": None,
            "priority": "normal",
            "due_at": "2026-03-02T12:00:00.000000Z",
            "tags": ["catalogue", "labels"],
            "items": [
                {"id": "019bfed1-dcdf-7707-b4b6-94f7c75cab64", "text": "Proofread", "done": True},
                {
                    "id": "019c75a7-f809-71b5-9968-62169041bd97",
                    "text": "Print 20 labels",
                    "done": False,
                },
            ],
            "progress": {"done": 1, "total": 2},
            "product_id": "019b97a5-1ddd-7416-91e6-ab24e7c4832d",
            "created_at": "2026-01-27T09:38:45.087169Z",
            "updated_at": "2026-02-19T11:27:48.233090Z",
        },
    ),
    exact(
        "the movements of a stock",
        request(f"GET {WOOL}/stock-adjustments", SAM),
        {
            "items": [
                {
                    "id": identifier,
                    "delta": delta,
                    "reason": reason,
                    "note": note,
                    "balance": balance,
                    "created_by": "019b8d33-fac0-7321-bd05-9cf9771c41ae",  # Sam
                    "created_at": created_at,
                }
                for identifier, delta, reason, note, balance, created_at in [
                    (
                        "019c1ee3-9126-767d-8944-b260f2c55c5c",
                        1,
                        "returned",
                        "Order 1047, changed their mind",
                        3,
                        "2026-02-02T15:05:56.262029Z",
                    ),
                    (
                        "019bf0fe-e080-77af-ad72-94ca8cd7a3e1",
                        -2,
                        "sold",
                        "Till, week 4",
                        2,
                        "2026-01-24T17:13:14.112219Z",
                    ),
                    (
                        "019ba8ef-0cd8-7561-959c-6c1443c6dfe1",
                        -1,
                        "sold",
                        "Till, week 2",
                        4,
                        "2026-01-10T17:23:17.336540Z",
                    ),
                    (
                        "019b98c4-ef7c-77e1-a647-114d7e24ebf0",
                        5,
                        "corrected",
                        "Opening count",
                        5,
                        "2026-01-07T14:03:21.852617Z",
                    ),
                ]
            ],
            "next": None,
        },
    ),
]

PROBES = SYSTEM + PROBLEMS + SEEDED
