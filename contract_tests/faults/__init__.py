"""Acknowledged writes are neither lost nor done twice, whatever breaks meanwhile."""
