"""Drive's error answers, with its own words."""

from __future__ import annotations

import re

from sandbox.calls import ApiError


def file_not_found(file_id: str) -> ApiError:
    """404 for a file that is not there or not visible."""
    return ApiError(
        404,
        f"File not found: {file_id}.",
        reason="notFound",
        location="fileId",
        location_type="parameter",
    )


def insufficient_file_permissions() -> ApiError:
    """403 for a file that is visible but not the user's to change."""
    return ApiError(
        403,
        "The user does not have sufficient permissions for this file.",
        reason="insufficientFilePermissions",
    )


def no_storage() -> ApiError:
    """403 for a file that a service account would have to own."""
    return ApiError(
        403,
        "Service Accounts do not have storage quota. Leverage shared drives "
        "(https://developers.google.com/workspace/drive/api/guides/about-shareddrives), or use "
        "OAuth delegation (http://support.google.com/a/answer/7281227) instead.",
        reason="storageQuotaExceeded",
        domain="usageLimits",
    )


def file_id_in_use() -> ApiError:
    """409 for a client-supplied id that has been used."""
    return ApiError(
        409,
        "A file already exists with the provided ID.",
        reason="fileIdInUse",
        location="file.id",
        location_type="other",
    )


def unusable_id() -> ApiError:
    """400 for a client-supplied id that Drive did not make for this."""
    return ApiError(
        400,
        "The provided file ID is not usable.",
        reason="invalid",
        location="file.id",
        location_type="other",
    )


def invalid(message: str, parameter: str = "") -> ApiError:
    """400 for a value that cannot be."""
    return ApiError(
        400,
        message,
        reason="invalid",
        location=parameter,
        location_type="parameter" if parameter else "",
    )


def permission_not_found(permission_id: str) -> ApiError:
    """404 for a permission that is not there."""
    return ApiError(
        404,
        f"Permission not found: {permission_id}.",
        reason="notFound",
        location="permissionId",
        location_type="parameter",
    )


def not_downloadable() -> ApiError:
    """403 for the content of a file that has none."""
    return ApiError(
        403,
        "Only files with binary content can be directly downloaded. Use Export with Docs Editors "
        "files.",
        reason="fileNotDownloadable",
        location="alt",
        location_type="parameter",
    )


def page_token(start: int) -> str:
    """Return the token of the page that begins there."""
    return f"~!!~{start}"


def page_start(token: str | None) -> int:
    """Return where the page of a token begins, 0 without one; ApiError 400 for no token."""
    if not token:
        return 0
    match = re.fullmatch(r"~!!~([0-9]{1,9})", token)
    if match is None:
        raise invalid("Invalid Value", "pageToken")
    return int(match.group(1))
