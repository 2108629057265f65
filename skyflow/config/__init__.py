"""The project folder, its `skyflow.toml`, and the credentials of the live API. What they are, never what is done with them.

Credentials are imported on first use: checking a storyboard needs none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skyflow.config.allowed import AllowedRule
from skyflow.config.hosts import BucketHost, HostSettings, StaticHost, unserved
from skyflow.config.project import CONFIG_FILE, STATE_FOLDER, find_project, list_storyboards, locate_in_project
from skyflow.config.reading import CONFIG_INVALID, ConfigError, load_config
from skyflow.config.settings import Budget, Config

if TYPE_CHECKING:
    from skyflow.config.credentials import (
        ApiKey,
        Credentials,
        CredentialsError,
        read_api_key,
        read_base_url,
        read_credentials,
    )

__all__ = [
    "CONFIG_FILE",
    "CONFIG_INVALID",
    "STATE_FOLDER",
    "AllowedRule",
    "ApiKey",
    "BucketHost",
    "Budget",
    "Config",
    "ConfigError",
    "Credentials",
    "CredentialsError",
    "HostSettings",
    "StaticHost",
    "find_project",
    "list_storyboards",
    "load_config",
    "locate_in_project",
    "read_api_key",
    "read_base_url",
    "read_credentials",
    "unserved",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name in __all__:
            from skyflow.config import credentials

            return getattr(credentials, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
