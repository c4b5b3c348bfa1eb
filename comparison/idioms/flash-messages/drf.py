from django.contrib.messages.views import SuccessMessageMixin
from django.urls import reverse_lazy
from django.views.generic import CreateView

from django_shop.models import Todo


class AddTodo(SuccessMessageMixin, CreateView):
    model = Todo
    fields = ["title"]
    success_url = reverse_lazy("dashboard")
    success_message = "Added: %(title)s"


# In base.html:
# {% for message in messages %}
# <li class="{{ message.tags }}">{{ message }}</li>
# {% endfor %}
