"""GET /api/health/ready: getReadiness."""

from contract_tests.cast import Actor


def test_it_works(anybody: Actor) -> None:
    answer = anybody.get("/api/health/ready")
    assert answer.status == 200
    assert answer.body == b'{"status":"ready"}'
    assert answer.headers["etag"] == '"31bf75f4c0a97cc1f7b60df824fa390b"'
