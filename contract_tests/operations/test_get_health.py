"""GET /api/health: getHealth."""

from contract_tests.cast import Actor


def test_it_works(anybody: Actor) -> None:
    answer = anybody.get("/api/health")
    assert answer.status == 200
    assert answer.body == b'{"status":"healthy"}'
    assert answer.headers["content-length"] == "20"
    assert answer.headers["etag"] == '"b808daea0f225957b3cddad9d5e33cb8"'
