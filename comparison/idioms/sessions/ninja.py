from ninja import NinjaAPI
from ninja.security import django_auth

# Django's session; urls.py: path("api/", api.urls)
api = NinjaAPI(urls_namespace="sessions")


@api.get("/me", auth=django_auth)
def me(request):
    return {"username": request.auth.username}
