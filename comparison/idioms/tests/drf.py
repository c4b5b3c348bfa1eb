from django.urls import reverse
from rest_framework.test import APITestCase

from django_shop.models import Todo


class TodoTests(APITestCase):
    def test_create_todo(self):
        data = {"title": "Restock"}
        response = self.client.post(reverse("todo-list"), data)
        self.assertEqual(response.status_code, 201)
        self.assertEqual(Todo.objects.get().title, "Restock")
