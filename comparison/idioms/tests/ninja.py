from django.test import TestCase
from ninja import Router
from ninja.testing import TestClient

router = Router()


@router.get("/health")
def health(request):
    return {"status": "ok"}


class HealthTest(TestCase):
    def test_health(self):
        response = TestClient(router).get("/health")
        self.assertEqual(response.json(), {"status": "ok"})
