from ninja.throttling import AnonRateThrottle, AuthRateThrottle

from django_shop.api import api


@api.post(
    "/tokens",
    throttle=[AnonRateThrottle("10/m"), AuthRateThrottle("100/m")],
)
def create_token(request):
    return {"token": "…"}
