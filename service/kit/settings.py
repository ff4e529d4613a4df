"""Settings: read once from the environment (prefix PARLEY_), frozen, handed to whoever needs them.

`docs/configuration.md` is generated from this class; the description of a field is its documentation.
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from service.kit.reach import Reach

Floor = Literal["embedded", "servers"]
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
REDIS_SCHEMES = ("redis", "rediss", "redis+cluster", "rediss+cluster", "redis+sentinel", "rediss+sentinel")


class Settings(BaseSettings):
    """Everything an operator can set. Nothing is needed on one machine; the defaults are the embedded floor."""

    model_config = SettingsConfigDict(
        env_prefix="PARLEY_", env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True
    )

    data_dir: Path = Field(default=Path("var"), description="Where the embedded database, Redis, secret and mail live.")
    erased_list: Path | None = Field(
        default=None,
        description="Where the list of the erased is kept beside the database, as pseudonyms; `parley restore` needs"
        " it. Keep it where the loss of the database does not reach. Unset: `data_dir/erased`.",
    )
    database_url: str | None = Field(
        default=None, description="`postgresql://user:password@host/name`. Unset: SQLite in `data_dir`."
    )
    read_database_url: str | None = Field(
        default=None,
        description="A streaming replica of `PARLEY_DATABASE_URL`, asked for public pages; see docs/operations.md."
        " Unset: the primary is asked for everything.",
    )
    redis_url: str | None = Field(
        default=None,
        description="`redis://…`, `rediss://…` or `unix://…`; for a Redis Cluster `redis+cluster://host:port,host:port`,"
        " for Sentinel `redis+sentinel://host:port,host:port/name` (`rediss+…` with TLS)."
        " Unset: an embedded server in `data_dir`.",
    )
    public_url: str | None = Field(
        default=None,
        description="The address readers reach Parley at, without a path. Unset: `http://HOST:PORT`."
        " All links in mail and pages are made from it, never from a request's Host header.",
    )
    forum_host: str | None = Field(
        default=None,
        description="`comments.example.org`: every site also has `SHORTNAME.comments.example.org`, so that of a Disqus"
        " snippet nothing but the host changes; see docs/disqus.md. Needs a wildcard in DNS and in the certificate.",
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
    oidc_providers: SecretStr | None = Field(
        default=None,
        description='Providers readers may sign in with, as JSON: `[{"id": "google", "client_id": "…", "client_secret":'
        ' "…"}]`; ready are google, gitlab, linkedin, microsoft, yahoo, any other with `name` and `issuer`.',
    )
    mail_from: str = Field(default="Parley <parley@localhost>", description="Sender of all mail.")
    mail_bounces: str | None = Field(
        default=None,
        description="Where mail to readers that cannot be delivered comes back to, such as `bounces@comments.example`;"
        " each mail goes out with `bounces+…@comments.example`. What arrives there is handed to `parley mail returned`"
        " or to `POST /api/v1/mail/returned`. Unset: it comes back to `PARLEY_MAIL_FROM`.",
    )
    mail_bounces_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="Opens `POST /api/v1/mail/returned` for who sends it as `Authorization: Bearer …`. Unset: closed.",
    )
    outbound_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Hosts inside your own network that webhooks and screening hooks may reach (`hooks.internal:9000`,"
        " `10.0.0.5`; comma-separated; without a port: all of its ports), also without TLS. Unset: public hosts only.",
    )
    pool_size: int = Field(
        default=10,
        ge=1,
        le=200,
        description="PostgreSQL connections per process. Readers of public pages take three quarters of them at most.",
    )
    read_pool_size: int = Field(
        default=10, ge=1, le=200, description="Connections per process to `PARLEY_READ_DATABASE_URL`."
    )
    read_max_lag: float = Field(
        default=5.0,
        gt=0,
        le=3_600,
        description="Seconds the replica may lag. Beyond that the primary is asked, which then carries all readers.",
    )
    pgbouncer: bool = Field(default=False, description="True behind PgBouncer in transaction mode.")
    worker_in_server: bool | None = Field(
        default=None, description="Run the worker inside the server. Unset: true on the embedded floor only."
    )
    max_body_bytes: int = Field(default=131_072, ge=4_096, description="Largest request body.")
    import_max_bytes: int = Field(
        default=268_435_456,
        ge=4_096,
        le=2**40,
        description="Largest file that may be uploaded to be imported; `parley import` takes any.",
    )
    client_seconds: float = Field(
        default=30.0,
        gt=0,
        le=600,
        description="Seconds a client has to send the head of a request, seconds to send its body, and seconds it may"
        " take nothing of what it is sent. Then it is cut off.",
    )
    most_at_once: int = Field(
        default=200,
        ge=1,
        description="Requests a process answers at the same time; further ones are told to come again in a few seconds"
        " (503 `overloaded`). Pages that are ready and streams do not count.",
    )
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
    metrics_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="Opens `/metrics` for who sends it as `Authorization: Bearer …`. Unset: there is no `/metrics`.",
    )
    traces_url: str | None = Field(
        default=None,
        description="Where traces are sent by OTLP/HTTP, such as `http://collector:4318/v1/traces`; needs"
        " `parley[traces]`. Unset: what `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` or `OTEL_EXPORTER_OTLP_ENDPOINT` names;"
        " none of these: no traces.",
    )
    log_format: Literal["console", "json"] = Field(default="console", description="How log lines are written.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least severe level logged."
    )

    @field_validator("database_url", "read_database_url")
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
        file = Path(rest.partition("?")[0].removeprefix("/"))
        if known[scheme].startswith("sqlite") and not file.parent.is_dir():
            raise ValueError(f"there is no folder {file.parent} for its file")
        return f"{known[scheme]}://{rest}"

    @field_validator("redis_url")
    @classmethod
    def _name_redis(cls, url: str | None) -> str | None:
        if not url:
            return None
        scheme, _, rest = url.partition("://")
        scheme = scheme.replace("valkeys", "rediss").replace("valkey", "redis")
        if scheme not in {*REDIS_SCHEMES, "unix"}:
            raise ValueError(f"must begin with {', '.join(f'{known}://' for known in REDIS_SCHEMES)} or unix://")
        return f"{scheme}://{rest}"

    @field_validator("public_url")
    @classmethod
    def _is_an_origin(cls, url: str | None) -> str | None:
        if not url:
            return None
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/") or parts.query:
            raise ValueError("must be an origin such as https://comments.example.org, without a path")
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator("traces_url")
    @classmethod
    def _is_of_the_web(cls, url: str | None) -> str | None:
        if not url:
            return None
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must be an address such as http://collector:4318/v1/traces")
        return url

    @field_validator("forum_host")
    @classmethod
    def _is_a_host(cls, host: str | None) -> str | None:
        if not host:
            return None
        cleaned = host.strip().lower().removeprefix("*.").strip(".")
        if not _HOST.fullmatch(cleaned):
            raise ValueError("must be the name of a host such as comments.example.org, without scheme, port or path")
        return cleaned

    @field_validator("mail_bounces")
    @classmethod
    def _is_a_mailbox(cls, address: str | None) -> str | None:
        if not address:
            return None
        local, at, host = address.strip().rpartition("@")
        # The rest of the local part, at most 64 long, is a person and a signature.
        if not at or not host or not re.fullmatch(r"[A-Za-z0-9._-]{1,24}", local):
            raise ValueError("must be an address such as bounces@comments.example, with 24 characters before the @")
        return f"{local}@{host}"

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _are_networks(cls, value: object) -> tuple[str, ...]:
        items = value.split(",") if isinstance(value, str) else list(value)  # type: ignore[call-overload]  # checked below
        networks = [ipaddress.ip_network(str(item).strip(), strict=False) for item in items if str(item).strip()]
        if any(net.prefixlen == 0 for net in networks):
            raise ValueError("a catch-all network is refused: anybody could then choose their own address")
        return tuple(str(net) for net in networks)

    @field_validator("outbound_hosts", mode="before")
    @classmethod
    def _are_hosts(cls, value: object) -> tuple[str, ...]:
        items = value.split(",") if isinstance(value, str) else list(value)  # type: ignore[call-overload]  # checked below
        named = tuple(str(item).strip() for item in items if str(item).strip())
        Reach.of(named)
        return named

    @model_validator(mode="after")
    def _replica_has_a_primary(self) -> Settings:
        if self.read_database_url is not None and (self.is_sqlite or self.read_database_url.startswith("sqlite")):
            raise ValueError("PARLEY_READ_DATABASE_URL is a replica of a PostgreSQL in PARLEY_DATABASE_URL")
        return self

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
    def erased_file(self) -> Path:
        """Where the list of the erased is kept beside the database."""
        return self.erased_list or self.data_dir / "erased"

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
