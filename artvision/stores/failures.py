"""What went wrong with an object, in one line: its own fault fails its row, a fault of all of them ends the run.

Libraries are told by the names of their exception classes: importing each of them to compare would need every extra.
"""

from __future__ import annotations

from artvision.errors import ArtvisionError, DecodeError, StoreError, one_line

# Who we are is not accepted: no object of this store will do better.
IDENTITY_CODES = {
    "AuthorizationHeaderMalformed", "ExpiredToken", "InvalidAccessKeyId", "InvalidToken", "RequestTimeTooSkewed",
    "SignatureDoesNotMatch", "TokenRefreshRequired",
}  # fmt: skip
IDENTITY_ERRORS = {
    "ClientAuthenticationError", "CredentialRetrievalError", "CredentialUnavailableError", "DefaultCredentialsError",
    "NoCredentialsError", "PartialCredentialsError", "ProfileNotFound", "RefreshError", "SSOTokenLoadError",
    "TokenRetrievalError", "UnauthorizedSSOTokenError",
}  # fmt: skip
NETWORK_ERRORS = {
    "BotoConnectionError", "ClientConnectionError", "ClientPayloadError", "ConnectionError", "ConnectTimeoutError",
    "EndpointConnectionError", "FSTimeoutError", "HTTPClientError", "IncompleteReadError", "IncompleteBody",
    "ResponseParserError", "ServiceRequestError", "ServiceResponseError", "TimeoutError", "gaierror",
}  # fmt: skip
# Answers that may be different a little later.
PASSING = {408, 425, 429, 500, 502, 503, 504}
PASSING_CODES = {"InternalError", "RequestTimeout", "ServiceUnavailable", "SlowDown", "500", "502", "503", "504"}


def explained(uri: str, error: BaseException) -> ArtvisionError:
    """The error of ours that `error` of a library means for `uri`: a DecodeError, or a StoreError that ends the run."""
    if isinstance(error, ArtvisionError):
        return error
    names, codes = _classes(error), _codes(error)
    if names & IDENTITY_ERRORS or codes & IDENTITY_CODES:
        return StoreError(f"{uri}: the store does not accept who we are ({_said(error)}); see docs/stores.md")
    if isinstance(error, FileNotFoundError) or codes & {"404", "410"}:
        return DecodeError("missing", f"{uri}: no such object or bucket; was it moved or renamed?")
    if isinstance(error, PermissionError) or codes & {"401", "403"}:
        return DecodeError("forbidden", f"{uri}: the store refuses it ({_said(error)}); ask for the right to read it")
    if is_passing(error):
        return DecodeError("network", f"{uri}: {_said(error)}; check the network, the next call tries again")
    return DecodeError("unreadable", f"{uri}: {_said(error)}; check that the address is right")


def is_passing(error: BaseException) -> bool:
    """Whether it may go better a little later: a connection that broke, an answer of an overloaded server."""
    if isinstance(error, FileNotFoundError | PermissionError):
        return False
    return bool(_classes(error) & NETWORK_ERRORS or _codes(error) & ({str(code) for code in PASSING} | PASSING_CODES))


def _classes(error: BaseException) -> set[str]:
    """Names of the classes of an exception and of what it was raised from."""
    names = {kind.__name__ for kind in type(error).__mro__}
    return names | _classes(error.__cause__) if error.__cause__ is not None else names


def _codes(error: BaseException) -> set[str]:
    """Status and error code that a server answered with, as the libraries keep them."""
    response = getattr(error, "response", None)
    found = {str(response.get("Error", {}).get("Code", ""))} if isinstance(response, dict) else set()
    # By name: aiohttp warns whoever asks for its `code`.
    kept = {**vars(type(error)), **vars(error)}
    found |= {str(getattr(error, name)) for name in ("status", "status_code") if name in kept}
    found |= {str(kept["code"])} if isinstance(kept.get("code"), int | str) else set()
    return found | _codes(error.__cause__) if error.__cause__ is not None else found


def _said(error: BaseException) -> str:
    """The library's words, without the number of an error of the system."""
    words = getattr(error, "strerror", None)
    return one_line(OSError(words) if words else error).removesuffix(".")
