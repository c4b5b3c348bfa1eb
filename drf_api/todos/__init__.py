"""Todos, their tags and their checklists."""
