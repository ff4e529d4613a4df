"""Settings: read once from the environment (prefix PARLEY_), frozen, handed to whoever needs them.

`docs/configuration.md` is generated from this class; the description of a field is its documentation.
"""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Floor = Literal["embedded", "servers"]


class Settings(BaseSettings):
    """Everything an operator can set. Nothing is needed on one machine; the defaults are the embedded floor."""

    model_config = SettingsConfigDict(
        env_prefix="PARLEY_", env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True
    )

    data_dir: Path = Field(default=Path("var"), description="Where the embedded database, Redis, secret and mail live.")
    database_url: str | None = Field(
        default=None, description="`postgresql://user:password@host/name`. Unset: SQLite in `data_dir`."
    )
    redis_url: str | None = Field(
        default=None, description="`redis://…`, `rediss://…` or `unix://…`. Unset: an embedded server in `data_dir`."
    )
    public_url: str | None = Field(
        default=None,
        description="The address readers reach Parley at, without a path. Unset: `http://HOST:PORT`."
        " All links in mail and pages are made from it, never from a request's Host header.",
    )
    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port to listen on.")
    secret_key: SecretStr | None = Field(
        default=None,
        description="At least 32 characters; signs capabilities and seals e-mail addresses. Unset on the embedded"
        " floor: made once and kept in `data_dir/secret` (mode 600). Required with `PARLEY_DATABASE_URL`.",
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Networks (CIDR, comma-separated) whose `X-Forwarded-For` is believed, read from right to left."
        " A catch-all is refused: it would let everybody choose their own address.",
    )
    smtp_url: SecretStr | None = Field(
        default=None,
        description="`smtp://user:password@host:587` (STARTTLS when offered) or `smtps://…:465`. Unset: mail is"
        " written to the log and to `data_dir/mail`.",
    )
    mail_from: str = Field(default="Parley <parley@localhost>", description="Sender of all mail.")
    pool_size: int = Field(default=10, ge=1, le=200, description="PostgreSQL connections per process.")
    pgbouncer: bool = Field(default=False, description="True behind PgBouncer in transaction mode.")
    worker_in_server: bool | None = Field(
        default=None, description="Run the worker inside the server. Unset: true on the embedded floor only."
    )
    max_body_bytes: int = Field(default=131_072, ge=4_096, description="Largest request body.")
    cache_megabytes: int = Field(
        default=64, ge=1, le=16_384, description="Memory a process gives to ready pages; the least asked for go first."
    )
    live_listeners: int = Field(
        default=4_000,
        ge=0,
        description="Readers a process tells live what happens; further ones ask from time to time.",
    )
    live_per_address: int = Field(
        default=100, ge=1, description="The same from one address; networks of offices and phones share one."
    )
    demo: bool = Field(default=False, description="Mount the demo article at `/demo`. `parley demo` sets it.")
    log_format: Literal["console", "json"] = Field(default="console", description="How log lines are written.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least severe level logged."
    )

    @field_validator("database_url")
    @classmethod
    def _name_the_driver(cls, url: str | None) -> str | None:
        # Since SQLAlchemy 2.1 a bare `postgresql://` means psycopg; Parley speaks asyncpg.
        if not url:
            return None
        scheme, sep, rest = url.partition("://")
        known = {
            "postgres": "postgresql+asyncpg",
            "postgresql": "postgresql+asyncpg",
            "postgresql+asyncpg": "postgresql+asyncpg",
            "sqlite": "sqlite+aiosqlite",
            "sqlite+aiosqlite": "sqlite+aiosqlite",
        }
        if not sep or scheme not in known:
            raise ValueError("must begin with postgresql:// or sqlite://")
        return f"{known[scheme]}://{rest}"

    @field_validator("redis_url")
    @classmethod
    def _name_redis(cls, url: str | None) -> str | None:
        if not url:
            return None
        url = url.replace("valkey://", "redis://", 1).replace("valkeys://", "rediss://", 1)
        if not url.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must begin with redis://, rediss:// or unix://")
        return url

    @field_validator("public_url")
    @classmethod
    def _is_an_origin(cls, url: str | None) -> str | None:
        if not url:
            return None
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/") or parts.query:
            raise ValueError("must be an origin such as https://comments.example.org, without a path")
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _are_networks(cls, value: object) -> tuple[str, ...]:
        items = value.split(",") if isinstance(value, str) else list(value)  # type: ignore[call-overload]  # checked below
        networks = [ipaddress.ip_network(str(item).strip(), strict=False) for item in items if str(item).strip()]
        if any(net.prefixlen == 0 for net in networks):
            raise ValueError("a catch-all network is refused: anybody could then choose their own address")
        return tuple(str(net) for net in networks)

    @model_validator(mode="after")
    def _secret_is_long_enough(self) -> Settings:
        if self.secret_key is not None and len(self.secret_key.get_secret_value()) < 32:
            raise ValueError("PARLEY_SECRET_KEY must have at least 32 characters")
        return self

    @property
    def origin(self) -> str:
        """Parley's own origin, as browsers name it."""
        if self.public_url:
            return self.public_url
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def sql_url(self) -> str:
        """The SQLAlchemy URL, driver named."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir.resolve() / 'parley.sqlite3'}"

    @property
    def is_sqlite(self) -> bool:
        """True on the one-machine floor of SQL."""
        return self.sql_url.startswith("sqlite")

    @property
    def runs_worker(self) -> bool:
        """Whether the server process carries the worker too."""
        return self.is_sqlite if self.worker_in_server is None else self.worker_in_server
