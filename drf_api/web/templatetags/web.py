"""What templates of pages ask for, and Django's own tags and filters don't give."""

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from drf_api.todos.models import Priority, Todo

register = template.Library()


@register.inclusion_tag("web/nav_link.html", takes_context=True)
def nav_link(context: Any, name: str, text: str) -> dict[str, Any]:
    """Link to a page; tell whether it is the one that is shown."""
    match = context["request"].resolver_match
    is_current = "is_failure" not in context and match and match.url_name == name
    return {"address": reverse(name), "text": text, "is_current": is_current}


@register.simple_tag
def facts(todo: Todo) -> list[str]:
    """List what there is to say of a todo besides its title."""
    found: list[str] = []
    if todo.priority != Priority.NORMAL:
        found.append(f"{Priority(todo.priority).label.capitalize()} priority")
    if todo.due_at:
        moment = render_to_string("web/time.html", {"moment": todo.due_at})
        found.append(format_html("due {}", moment))
        if not todo.completed and todo.due_at < timezone.now():
            found.append(format_html('<span class="overdue">{}</span>', "Overdue"))
    tags = ", ".join(tag.slug for tag in todo.tags.all())
    return [*found, tags] if tags else found
