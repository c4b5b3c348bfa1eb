from django.shortcuts import render

# settings.py
MIDDLEWARE = [
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
CSRF_TRUSTED_ORIGINS = ["https://shop.example.com"]
CSRF_FAILURE_VIEW = "shop.views.csrf_failure"
# In a form: {% csrf_token %}


def csrf_failure(request, reason=""):
    page = {"reason": reason}
    return render(request, "csrf_error.html", page, status=403)
