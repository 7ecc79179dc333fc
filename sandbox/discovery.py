"""The discovery documents as Google publishes them: methods, parameters, schemas.

They ship inside google-api-python-client and are read at start-up; nothing here retypes them.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

from sandbox.calls import Json

DOCUMENTS = {"sheets": "sheets.v4.json", "drive": "drive.v3.json", "gmail": "gmail.v1.json"}
OLDER_DOCUMENT = "drive.v2.json"
OLDER_METHODS = {"drive.files.update": "drive.v2.files.update"}
"""What clients still ask of an older version, under an id that says so."""

HOSTS = {
    "sheets": "sheets.googleapis.com",
    "drive": "drive.googleapis.com",
    "gmail": "gmail.googleapis.com",
}
PROTO_PACKAGES = {
    "sheets": "google.apps.sheets.v4",
    "drive": "google.apps.drive.v3",
    "gmail": "google.apps.gmail.v1",
}

# Accepted by Google's front end although no document lists them.
UNLISTED_PARAMETERS: dict[str, Json] = {
    "userIp": {"type": "string"},
    "bearer_token": {"type": "string"},
    "pp": {"type": "string"},
}


@dataclass(frozen=True, eq=False)
class Api:
    """One API: its schemas and the parameters common to its methods."""

    name: str
    schemas: Mapping[str, Json]
    common_parameters: Mapping[str, Json]
    scopes: frozenset[str]


@dataclass(frozen=True, eq=False)
class Method:
    """One method of an API."""

    id: str
    api: Api
    http_method: str
    path: str
    """Template from the root, without the leading slash."""
    parameters: Mapping[str, Json]
    request: str | None
    """Name of the request's schema."""
    response: str | None
    scopes: frozenset[str]
    upload_path: str | None
    supports_download: bool


def _make_api(name: str, document: Json) -> Api:
    return Api(
        name=name,
        schemas=document["schemas"],
        common_parameters={**document["parameters"], **UNLISTED_PARAMETERS},
        scopes=frozenset(document["auth"]["oauth2"]["scopes"]),
    )


def _make_method(api: Api, service_path: str, entry: Json) -> Method:
    upload = entry.get("mediaUpload", {}).get("protocols", {}).get("simple", {}).get("path")
    return Method(
        id=entry["id"],
        api=api,
        http_method=entry["httpMethod"],
        path=service_path + entry["path"],
        parameters=entry.get("parameters", {}),
        request=entry.get("request", {}).get("$ref"),
        response=entry.get("response", {}).get("$ref"),
        scopes=frozenset(entry.get("scopes", ())),
        upload_path=upload and upload.lstrip("/"),
        supports_download=entry.get("supportsMediaDownload", False),
    )


def _walk_methods(resource: Json) -> Iterator[Json]:
    yield from resource.get("methods", {}).values()
    for child in resource.get("resources", {}).values():
        yield from _walk_methods(child)


def _read_document(file_name: str) -> Json:
    folder = resources.files("googleapiclient.discovery_cache") / "documents"
    document: Json = json.loads((folder / file_name).read_text(encoding="utf-8"))
    return document


@functools.cache
def load_methods() -> Mapping[str, Method]:
    """Every method of the three APIs by its discovery id."""
    methods: dict[str, Method] = {}
    for name, file_name in DOCUMENTS.items():
        document = _read_document(file_name)
        api = _make_api(name, document)
        for entry in _walk_methods(document):
            methods[entry["id"]] = _make_method(api, document["servicePath"], entry)
    return methods | _load_older_methods()


def _load_older_methods() -> dict[str, Method]:
    document = _read_document(OLDER_DOCUMENT)
    api = _make_api("drive", document)
    return {
        own_id: _make_method(api, document["servicePath"], {**entry, "id": own_id})
        for entry in _walk_methods(document)
        if (own_id := OLDER_METHODS.get(entry["id"]))
    }


def known_scopes() -> frozenset[str]:
    """Every scope that one of the three documents names."""
    return frozenset().union(*(method.api.scopes for method in load_methods().values()))
