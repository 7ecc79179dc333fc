"""The OAuth token endpoint: service-account assertions, delegation, refresh tokens.

Source: developers.google.com/identity/protocols/oauth2/service-account (claims, error texts).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.calls import Json
from sandbox.discovery import known_scopes
from sandbox.ids import IdSource
from sandbox.people import (
    DELEGATORS,
    PRINCIPALS,
    PROJECT_ID,
    SERVICE_ACCOUNT,
    SERVICE_CLIENT_ID,
)

LIFETIME_SECONDS = 3599
MAX_ASSERTION_SECONDS = 3600
CLOCK_SKEW_SECONDS = 300

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GOOGLE_TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address

IDENTITY_SCOPES = frozenset(
    {
        "openid",
        "email",
        "profile",
        "https://www.googleapis.com/auth/userinfo.email",
        "https://www.googleapis.com/auth/userinfo.profile",
        "https://www.googleapis.com/auth/cloud-platform",
    }
)
_UNAUTHORIZED = (
    "Client is unauthorized to retrieve access tokens using this method, "
    "or client not authorized for any of the scopes requested."
)
_NOT_SHORT_LIVED = (
    "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
    "Check your iat and exp values in the JWT claim."
)


class TokenError(Exception):
    """A refusal of the token endpoint: status, error code, description."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.description = description


@dataclass(frozen=True)
class ServiceKey:
    """The service account's key pair."""

    private_pem: str
    public_pem: str
    key_id: str

    @classmethod
    def generate(cls) -> ServiceKey:
        """Return a new 2048-bit RSA key."""
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return cls._from_private(private)

    @classmethod
    def from_pem(cls, private_pem: str) -> ServiceKey:
        """Return the key of a credentials file; ValueError when it is no RSA key."""
        private = serialization.load_pem_private_key(private_pem.encode(), password=None)
        if not isinstance(private, rsa.RSAPrivateKey):
            raise ValueError("not an RSA private key")
        return cls._from_private(private)

    @classmethod
    def _from_private(cls, private: rsa.RSAPrivateKey) -> ServiceKey:
        numbers = private.public_key().public_numbers()
        return cls(
            private.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ).decode(),
            private.public_key()
            .public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            .decode(),
            f"{numbers.n % (1 << 160):040x}",
        )

    def credentials(self, base_url: str) -> dict[str, str]:
        """Return the service-account key file that google-auth reads, pointed at this server."""
        return {
            "type": "service_account",
            "project_id": PROJECT_ID,
            "private_key_id": self.key_id,
            "private_key": self.private_pem,
            "client_email": SERVICE_ACCOUNT.email,
            "client_id": SERVICE_CLIENT_ID,
            "auth_uri": f"{base_url}/o/oauth2/auth",
            "token_uri": f"{base_url}/token",
            "universe_domain": "googleapis.com",
        }


def write_credentials(path: Path, key: ServiceKey, base_url: str) -> None:
    """Write the key file that google-auth reads, for its owner only."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(json.dumps(key.credentials(base_url), indent=2) + "\n")
    path.chmod(0o600)


@dataclass(frozen=True)
class Grant:
    """What an access or refresh token stands for."""

    user: str
    client: str
    scopes: frozenset[str]
    expires_at: datetime | None
    """None for a refresh token."""


class TokenDesk:
    """Issues tokens and knows whose they are."""

    def __init__(self, key: ServiceKey, ids: IdSource) -> None:
        self._key = key
        self._ids = ids
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}

    def find(self, token: str, now: datetime) -> Grant | None:
        """Return the grant of an access token that is known and alive."""
        grant = self._access.get(token)
        alive = grant is not None and grant.expires_at is not None and now < grant.expires_at
        return grant if alive else None

    def issue(self, user: str, client: str, scopes: frozenset[str], now: datetime) -> str:
        """Return a new access token for anybody: what the control endpoints hand out."""
        token = self._ids.new("access_token")
        expires_at = now + timedelta(seconds=LIFETIME_SECONDS)
        self._access[token] = Grant(user, client, scopes, expires_at)
        return token

    def issue_refresh(self, user: str, client: str, scopes: frozenset[str]) -> str:
        """Return a refresh token of an authorised user."""
        token = self._ids.new("refresh_token")
        self._refresh[token] = Grant(user, client, scopes, None)
        return token

    def revoke_all(self) -> None:
        """Forget every access token, as when an administrator ends all sessions."""
        self._access.clear()

    def exchange(self, form: Mapping[str, str], token_uri: str, now: datetime) -> Json:
        """Return the answer to ``POST /token``; TokenError when refused."""
        grant_type = form.get("grant_type", "")
        if grant_type == JWT_BEARER:
            user, scopes = self._read_assertion(form.get("assertion", ""), token_uri)
            grant = Grant(user, SERVICE_ACCOUNT.email, scopes, None)
        elif grant_type == "refresh_token":
            grant = self._read_refresh(form)
        else:
            raise TokenError(400, "unsupported_grant_type", f"Invalid grant_type: {grant_type}")
        answer: Json = {
            "access_token": self.issue(grant.user, grant.client, grant.scopes, now),
            "expires_in": LIFETIME_SECONDS,
            "token_type": "Bearer",
        }
        if grant_type == "refresh_token":
            answer["scope"] = " ".join(sorted(grant.scopes))
        return answer

    def _read_refresh(self, form: Mapping[str, str]) -> Grant:
        grant = self._refresh.get(form.get("refresh_token", ""))
        if grant is None:
            raise TokenError(400, "invalid_grant", "Token has been expired or revoked.")
        if grant.client != form.get("client_id"):
            raise TokenError(401, "invalid_client", "The OAuth client was not found.")
        return grant

    def _read_assertion(self, assertion: str, token_uri: str) -> tuple[str, frozenset[str]]:
        claims = self._verify(assertion)
        if claims.get("iss") != SERVICE_ACCOUNT.email:
            raise TokenError(400, "invalid_grant", "Invalid grant: account not found")
        if claims.get("aud") not in (token_uri, GOOGLE_TOKEN_URI):
            raise TokenError(400, "invalid_grant", "Invalid JWT: Failed audience check.")
        _check_times(claims)
        scopes = _read_scopes(claims)
        user = claims.get("sub", SERVICE_ACCOUNT.email)
        if user != SERVICE_ACCOUNT.email:
            _check_delegation(user, scopes)
        return user, scopes

    def _verify(self, assertion: str) -> dict[str, Any]:
        try:
            # Times and audience are checked here, not by the library: Google's texts differ.
            claims: dict[str, Any] = jwt.decode(
                assertion,
                self._key.public_pem,
                algorithms=["RS256"],
                options={
                    "verify_aud": False,
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                    "verify_sub": False,
                },
            )
        except jwt.InvalidSignatureError as error:
            raise TokenError(400, "invalid_grant", "Invalid JWT Signature.") from error
        except jwt.PyJWTError as error:
            raise TokenError(400, "invalid_request", "Bad Request") from error
        return claims


def _check_times(claims: Mapping[str, Any]) -> None:
    """Refuse an assertion that is not of now.

    Measured by the machine's clock: a test that moves the sandbox's clock plays the passing of
    time, not a client with a wrong clock.
    """
    issued, expires = claims.get("iat"), claims.get("exp")
    now = time.time()
    is_timely = (
        isinstance(issued, int | float)
        and isinstance(expires, int | float)
        and issued <= now + CLOCK_SKEW_SECONDS
        and expires > now - CLOCK_SKEW_SECONDS
        and 0 < expires - issued <= MAX_ASSERTION_SECONDS
    )
    if not is_timely:
        raise TokenError(400, "invalid_grant", _NOT_SHORT_LIVED)


def _read_scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    scopes = frozenset(str(claims.get("scope", "")).split())
    if not scopes or not scopes <= known_scopes() | IDENTITY_SCOPES:
        text = "Invalid OAuth scope or ID token audience provided."
        raise TokenError(400, "invalid_scope", text)
    return scopes


def _check_delegation(user: object, scopes: frozenset[str]) -> None:
    if user not in PRINCIPALS:
        raise TokenError(400, "invalid_grant", "Invalid email or User ID")
    gmail = {scope for scope in scopes if "/auth/gmail." in scope or "mail.google.com" in scope}
    if user not in DELEGATORS or scopes - gmail:
        raise TokenError(401, "unauthorized_client", _UNAUTHORIZED)
