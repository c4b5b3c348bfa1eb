from rest_framework.views import exception_handler


# settings.py: REST_FRAMEWORK = {"EXCEPTION_HANDLER": …}
def custom_exception_handler(exc, context):
    response = exception_handler(exc, context)
    if response is not None:
        response.data["status_code"] = response.status_code
    return response


# urls.py, for what reaches no view
handler404 = "rest_framework.exceptions.not_found"
handler500 = "rest_framework.exceptions.server_error"
