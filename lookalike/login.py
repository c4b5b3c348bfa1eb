"""How an actor signs in on a server: one recipe, followed anew on each."""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any, NamedTuple
from urllib.parse import urlencode

from lookalike.calls import is_success
from lookalike.http import Answer, Fields, NoAnswer, Outcome, Request
from lookalike.masking import SECRET_NAMES, Secrets
from lookalike.targets import Target

Values = Mapping[str, str]  # what stands for {fresh}, {token}, {csrf} and {cookie.NAME}
PLACEHOLDER = re.compile(r"\{(fresh|token|csrf|url|cookie\.[^{}\s]+)\}")
REDIRECTS = range(300, 400)  # what a form answers to a browser (RFC 9110, section 15.4)


class LoginError(Exception):
    """An actor couldn't sign in; the text says where, and what the server answered."""


class Credentials(NamedTuple):
    """What a server knows somebody by."""

    fields: Fields  # of each later request
    refusal: str = ""  # how registering was refused, to somebody who could log in all the same


@dataclass(frozen=True)
class Step:
    """A request of a recipe; texts in it may hold placeholders."""

    request: str  # such as "POST /login"
    json: Any = None
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Z]+ /\S*", self.request):
            raise ValueError(f'{self.request!r} is no request such as "POST /login"')

    @property
    def path(self) -> str:
        """The request's path, without a query."""
        return self.request.partition(" ")[2].partition("?")[0]

    @property
    def needs(self) -> set[str]:
        """The placeholders that have to be filled."""
        return {*PLACEHOLDER.findall(f"{self.request} {self.json} {self.form} {self.headers}")}

    def build(self, values: Values, cookies: Values) -> Request:
        """Write the request."""
        method, _, target = self.request.partition(" ")
        fields = tuple((name, filled(text, values)) for name, text in self.headers.items())
        if cookies:
            fields = (*fields, ("Cookie", cookie_field(cookies)))
        request = Request(method, filled(target, values), fields)
        if self.json is not None:
            return Request.json(method, request.target, filled_inside(self.json, values), fields)
        if self.form is not None:
            pairs = {name: filled(text, values) for name, text in self.form.items()}
            body = urlencode(pairs).encode()
            content = ("Content-Type", "application/x-www-form-urlencoded")
            return Request(method, request.target, (content, *fields), body)
        return request


@dataclass(frozen=True)
class Recipe:
    """Who an actor is: header fields, or how they are got.

    The steps are followed in this order; each is left out where a recipe has none. `headers` may
    hold `{token}`, `{cookie.NAME}` and `{csrf}`. Cookies that the steps were given go with each
    request.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    basic: tuple[str, str] | None = None
    register: Step | None = None
    page: Step | None = None  # with the form
    csrf: str = ""  # the name of that form's hidden field, whose value is `{csrf}`
    login: Step | None = None
    token: str = ""  # JSON Pointer (RFC 6901) into the answer to the last step

    @property
    def is_fresh(self) -> bool:
        """Whether each story can have a user of its own."""
        return self.register is not None and "{fresh}" in repr(self.register)

    def sign_in(self, target: Target, salt: str, secrets: Secrets) -> "Credentials":
        """Follow the recipe on a server.

        Raises a LoginError where a step isn't answered as it must be. Registering may be refused
        where a login follows: the user may be there already.
        """
        visit = Visit(target, secrets, {"fresh": salt, "url": target.base_url})
        last, refusal = self._follow(visit)
        if self.token and last is not None:
            visit.values["token"] = token_of(last, self.token, target)
            secrets.add(visit.values["token"])
        fields = [(name, visit.filled(text)) for name, text in self.headers.items()]
        if self.basic is not None:
            user, password = map(visit.filled, self.basic)
            fields.append(("Authorization", secrets.add_basic(user, password)))
        if visit.cookies:
            fields.append(("Cookie", cookie_field(visit.cookies)))
        for name, value in fields:
            secrets.add_field(name, value)
        return Credentials(tuple(fields), refusal)

    def _follow(self, visit: "Visit") -> tuple[Answer | None, str]:
        last, refusal = None, ""
        if self.register is not None:
            try:
                last = visit.ask(self.register, is_login=False)
            except LoginError as error:
                if self.login is None:
                    raise
                refusal = str(error)
        if self.page is not None:
            visit.read_form(self.page, self.csrf)
        if self.login is not None:
            try:
                last = visit.ask(self.login)
            except LoginError as error:
                before = f" (before that, {refusal})" if refusal else ""
                raise LoginError(f"{error}{before}") from None
        return last, refusal


@dataclass
class Visit:
    """A server on which a recipe is followed, and what it has given so far."""

    target: Target
    secrets: Secrets
    values: dict[str, str]
    cookies: dict[str, str] = field(default_factory=dict)

    def filled(self, text: str) -> str:
        """Put what was given in place of placeholders."""
        try:
            return filled(text, self.values)
        except KeyError as error:
            raise LoginError(
                f"{text!r}: nothing that {self.target.base_url} answered gives {error.args[0]!r}"
            ) from None

    def ask(self, step: Step, *, is_login: bool = True) -> Answer:
        """Send a step's request; raise a LoginError unless it succeeds.

        Where nothing may be written, logging in is still allowed, and registering isn't.
        """
        try:
            request = step.build(self.values, self.cookies)
        except KeyError as error:
            raise LoginError(f"{step.request}: nothing has given {error.args[0]!r} yet") from None
        self.secrets.add(*passwords_of(filled_inside(step.json or step.form or {}, self.values)))
        try:
            target = beneath(self.target) if is_login else self.target
            outcome = target.send(target.spelled(request))
        except PermissionError as error:
            raise LoginError(str(error)) from None
        self.secrets.note(request, outcome)
        if isinstance(outcome, NoAnswer) or not accepts(outcome, step):
            raise LoginError(f"{step.request} on {self.target.base_url}: {told(outcome)}")
        for name, value in outcome.fields:
            if name.lower() == "set-cookie":
                self.cookies.update(cookie_of(value))
        self.values |= {f"cookie.{name}": value for name, value in self.cookies.items()}
        return outcome

    def read_form(self, page: Step, csrf: str) -> None:
        """Get the page with the form, its cookies, and its CSRF token."""
        text = self.ask(page).body.decode("utf-8", "replace")
        if csrf:
            self.values["csrf"] = hidden_field(text, csrf)
            self.secrets.add(self.values["csrf"])
            if not self.values["csrf"]:
                raise LoginError(
                    f"{page.request} on {self.target.base_url} shows no form with a field {csrf!r}"
                )


def beneath(target: Target) -> Target:
    """Return a server itself, without the limits of a run."""
    found: Target = getattr(target, "beneath", target)
    return found


def accepts(outcome: Answer, step: Step) -> bool:
    """Tell whether a step did what it should: browsers' forms answer with a redirection."""
    return is_success(outcome) or (step.json is None and outcome.status in REDIRECTS)


def told(outcome: Outcome) -> str:
    """Say on one line what came in place of a success."""
    if isinstance(outcome, NoAnswer):
        return f"no answer, {outcome.why} {outcome.detail}".strip()
    text = " ".join(outcome.body[:300].decode("utf-8", "replace").split())
    return f"answered {outcome.status} {outcome.reason}".strip() + (f": {text}" if text else "")


def token_of(answer: Answer, pointer: str, target: Target) -> str:
    """Return what a JSON Pointer points at in an answer (RFC 6901)."""
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        raise LoginError(f"the login on {target.base_url} is answered with no JSON") from None
    value = pointed(value, pointer)
    if not isinstance(value, str | int):
        raise LoginError(f"the login on {target.base_url}: nothing at {pointer!r} of the answer")
    return str(value)


def pointed(value: Any, pointer: str) -> Any:
    """Return what a JSON Pointer points at (RFC 6901), or None."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            value = None
    return value


def filled(text: str, values: Values) -> str:
    """Put values in place of placeholders; raise a KeyError for one that has none."""
    return PLACEHOLDER.sub(lambda match: values[match[1]], text)


def filled_inside(value: Any, values: Values) -> Any:
    """Fill all texts inside a JSON value."""
    if isinstance(value, str):
        return filled(value, values)
    if isinstance(value, Mapping):
        return {name: filled_inside(inner, values) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled_inside(inner, values) for inner in value]
    return value


def passwords_of(value: Any) -> list[str]:
    """Return the texts of a body's members that are named as secrets are."""
    if isinstance(value, Mapping):
        return [
            text
            for name, inner in value.items()
            for text in (
                [inner]
                if isinstance(inner, str) and SECRET_NAMES.search(name)
                else passwords_of(inner)
            )
        ]
    return []


def cookie_of(field_value: str) -> dict[str, str]:
    """Read a Set-Cookie field's name and value (RFC 6265, section 5.2)."""
    try:
        return {name: morsel.coded_value for name, morsel in SimpleCookie(field_value).items()}
    except CookieError:
        name, _, value = field_value.partition(";")[0].partition("=")
        return {name.strip(): value.strip()}


def cookie_field(cookies: Values) -> str:
    """Write the Cookie field (RFC 6265, section 4.2.1)."""
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def hidden_field(page: str, name: str) -> str:
    """Return the value of a form's field on an HTML page, or nothing."""
    for tag in re.findall(r"<input\b[^>]*>", page, re.IGNORECASE):
        attributes = {
            key.lower(): html.unescape(quoted or plain)
            for key, _, quoted, plain in re.findall(
                r"""([\w-]+)\s*=\s*(?:(["'])(.*?)\2|([^\s"'>]+))""", tag
            )
        }
        if attributes.get("name") == name:
            return attributes.get("value", "")
    return ""
