"""What only bytes on the wire show, and neither Django nor gunicorn sees to (PEP 3333)."""

from collections.abc import Callable, Iterable
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import RequestDataTooBig

WSGIApplication = Callable[[dict[str, Any], Any], Iterable[bytes]]

BODILESS = ("204", "304")
DESCRIBES_BODY = ("Content-Length", "Content-Type")


def wire(application: WSGIApplication) -> WSGIApplication:
    """Wrap an application: it gets whole bodies, and sends none where there may be none."""

    def wrapper(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        # Django takes a body without Content-Length for an empty one. This is the server's sign
        # that it decodes chunks; without one, nothing would tell where they end.
        is_chunked = "HTTP_TRANSFER_ENCODING" in environ and environ.get("wsgi.input_terminated")
        if is_chunked:
            environ["CONTENT_LENGTH"] = str(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        environ["wsgi.input"] = (ChunkedBody if is_chunked else Body)(environ["wsgi.input"])

        is_bodiless = environ["REQUEST_METHOD"] == "HEAD"

        def start(status: str, headers: list[tuple[str, str]], *args: Any) -> Any:
            nonlocal is_bodiless
            if status.startswith(BODILESS):
                is_bodiless = True
                headers = [each for each in headers if each[0] not in DESCRIBES_BODY]
            return start_response(status, headers, *args)

        response = application(environ, start)
        if not is_bodiless:
            return response
        cast("Any", response).close()
        return []

    return wrapper


class Body:
    """A body with a Content-Length; Django would take one that ends before it for a whole one."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.readline = stream.readline

    def read(self, size: int) -> bytes:
        """Read so many bytes, or raise an OSError, which Django makes an UnreadablePostError."""
        data: bytes = self.stream.read(size)
        if len(data) < size:
            raise OSError("The body ends before its Content-Length.")
        return data


class ChunkedBody(Body):
    """A body that ends where the server finds its end."""

    def __init__(self, stream: Any) -> None:
        super().__init__(stream)
        self.left: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE

    def read(self, size: int) -> bytes:
        try:
            data: bytes = self.stream.read(size)
            self.left -= len(data)
            is_too_big = self.left == 0 and self.stream.read(1)
        except Exception as error:  # servers have their own for chunks that are ill-formed
            raise OSError("The chunked body can't be read.") from error
        if is_too_big:
            raise RequestDataTooBig("The chunked body is larger than any may be.")
        return data
