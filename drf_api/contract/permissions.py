"""Who may do what (contract, "Order of checks", step 2)."""

from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

if TYPE_CHECKING:  # DRF's views import this module while they are being made
    from rest_framework.views import APIView


class IsStaff(BasePermission):
    """Staff only: 401 for nobody, 403 for others."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return bool(request.user and getattr(request.user, "is_staff", False))


class IsStaffOrReadOnly(IsStaff):
    """Everybody reads, staff writes; who reads is never looked at."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return request.method in SAFE_METHODS or super().has_permission(request, view)
