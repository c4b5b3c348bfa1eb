"""Which admin site Django makes; settings name it before there are models."""

from django.contrib.admin.apps import AdminConfig


class ShopAdminConfig(AdminConfig):
    """Django's, with the site that counts failed logins."""

    default = False  # for `django.contrib.admin` by that name
    default_site = "drf_api.accounts.admin_site.ShopAdminSite"
