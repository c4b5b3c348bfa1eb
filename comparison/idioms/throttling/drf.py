from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView


# settings.py: REST_FRAMEWORK = {
#     "DEFAULT_THROTTLE_RATES": {"tokens": "10/min"},
# }
class TokenList(APIView):
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "tokens"

    def post(self, request):
        return Response({"token": "…"}, status=201)
