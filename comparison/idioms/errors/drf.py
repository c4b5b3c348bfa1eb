from rest_framework.views import exception_handler


# settings.py: REST_FRAMEWORK = {"EXCEPTION_HANDLER": …}
def custom_exception_handler(exc, context):
    response = exception_handler(exc, context)
    if response is not None:
        response.data["status_code"] = response.status_code
    return response


# urls.py, for what Django answers itself
handler400 = "rest_framework.exceptions.bad_request"
handler500 = "rest_framework.exceptions.server_error"
