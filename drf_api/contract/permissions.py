"""Who may do what (contract, "Order of checks", step 2)."""

from rest_framework.permissions import SAFE_METHODS, IsAdminUser
from rest_framework.request import Request
from rest_framework.views import APIView


class IsStaffOrReadOnly(IsAdminUser):
    """Everybody may read, staff may write; a reader's token is never looked at."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.method in SAFE_METHODS or super().has_permission(request, view)
