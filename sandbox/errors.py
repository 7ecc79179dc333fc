"""Google's error bodies: one style for Sheets, one for Gmail, one for Drive."""

from __future__ import annotations

from sandbox.calls import ApiError, Json
from sandbox.discovery import HOSTS, Method

ERROR_INFO_TYPE = "type.googleapis.com/google.rpc.ErrorInfo"

STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    412: "FAILED_PRECONDITION",
    416: "OUT_OF_RANGE",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
REASONS = {
    400: "badRequest",
    401: "authError",
    403: "forbidden",
    404: "notFound",
    409: "conflict",
    412: "conditionNotMet",
    429: "rateLimitExceeded",
    500: "internalError",
    501: "notImplemented",
    502: "backendError",
    503: "backendError",
    504: "backendError",
}
MESSAGES = {
    500: "Internal error encountered.",
    502: "The service is currently unavailable.",
    503: "The service is currently unavailable.",
    504: "Deadline expired before operation could complete.",
}

NOT_FOUND_PAGE = """<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <meta name=viewport content="initial-scale=1, minimum-scale=1, width=device-width">
  <title>Error 404 (Not Found)!!1</title>
  <a href=//www.google.com/><span id=logo aria-label=Google></span></a>
  <p><b>404.</b> <ins>That’s an error.</ins>
  <p>The requested URL <code>{path}</code> was not found on this server.  \
<ins>That’s all we know.</ins>
"""
SERVER_ERROR_PAGE = """<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <meta name=viewport content="initial-scale=1, minimum-scale=1, width=device-width">
  <title>Error {code} (Server Error)!!1</title>
  <a href=//www.google.com/><span id=logo aria-label=Google></span></a>
  <p><b>{code}.</b> <ins>That’s an error.</ins>
  <p>The server encountered a temporary error and could not complete your request.<p>\
Please try again in 30 seconds.  <ins>That’s all we know.</ins>
"""


def error_body(api_name: str, error: ApiError) -> Json:
    """Return the JSON body of an error in the style of an API."""
    content: Json = {"code": error.code, "message": error.message}
    if api_name != "sheets":
        content["errors"] = [_error_item(error)]
    # Drive's own errors have no status; those of Google's front end have one there, too.
    if api_name != "drive" or error.status or error.details:
        content["status"] = error.status or STATUSES.get(error.code, "UNKNOWN")
    if error.details:
        content["details"] = list(error.details)
    return {"error": content}


def _error_item(error: ApiError) -> Json:
    item: Json = {
        "message": error.item_message,
        "domain": error.domain,
        "reason": error.reason or REASONS.get(error.code, "badRequest"),
    }
    if error.location:
        item["location"] = error.location
        item["locationType"] = error.location_type
    return item


def _error_info(method: Method, reason: str) -> Json:
    return {
        "@type": ERROR_INFO_TYPE,
        "reason": reason,
        "domain": "googleapis.com",
        # Google names its internal method here, which no document gives (not verified).
        "metadata": {"service": HOSTS[method.api.name], "method": method.id},
    }


_SEE = (
    "Expected OAuth 2 access token, login cookie or other valid authentication credential. See "
    "https://developers.google.com/identity/sign-in/web/devconsole-project."
)


def missing_credentials(method: Method) -> ApiError:
    """401 for a request without a token."""
    return ApiError(
        401,
        f"Request is missing required authentication credential. {_SEE}",
        status="UNAUTHENTICATED",
        reason="required",
        location="Authorization",
        location_type="header",
        details=[_error_info(method, "CREDENTIALS_MISSING")],
        item_message="Login Required.",
    )


def invalid_credentials() -> ApiError:
    """401 for a token that is unknown or expired."""
    return ApiError(
        401,
        f"Request had invalid authentication credentials. {_SEE}",
        status="UNAUTHENTICATED",
        reason="authError",
        location="Authorization",
        location_type="header",
        item_message="Invalid Credentials",
    )


def insufficient_scopes(method: Method) -> ApiError:
    """403 for a token whose scopes do not cover the method."""
    return ApiError(
        403,
        "Request had insufficient authentication scopes.",
        reason="insufficientPermissions",
        details=[_error_info(method, "ACCESS_TOKEN_SCOPE_INSUFFICIENT")],
        item_message="Insufficient Permission",
    )


def not_implemented(method: Method) -> ApiError:
    """501 for a method of Google's that the sandbox has not: never a silent success."""
    return ApiError(501, f"The sandbox does not implement {method.id}.")


def malformed_json(method: Method, text: str) -> ApiError:
    """400 for a body that is no JSON."""
    if method.api.name == "drive":
        return ApiError(400, "Parse Error", reason="parseError")
    return ApiError(
        400,
        f"Invalid JSON payload received. Unexpected token.\n{text[:40]}\n^",
        reason="parseError",
    )
