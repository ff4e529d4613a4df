"""nginx with a file: the limit of what a server can be at sending bytes it has."""

from __future__ import annotations

import contextlib
import gzip
import os
from collections.abc import Iterator
from pathlib import Path

from benchmarks.running import Running, require, running
from tests.servers.parley import free_port

# One worker, as there is one process of each other contestant; nothing is logged, files stay open.
_CONFIG = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 512; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000;
    keepalive_timeout 60;
    open_file_cache max=100;
    etag on;
    gzip_static always;
    gunzip off;
    default_type text/html;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        root {folder}/root;
    }}
}}
"""


@contextlib.contextmanager
def nginx(folder: Path, packed: bytes) -> Iterator[Running]:
    """Serves `packed`, a gzipped page, at /page.html, compressed beforehand."""
    program, port, place = require("nginx", "nginx-light"), free_port(), folder / "nginx"
    (place / "root").mkdir(parents=True, exist_ok=True)
    (place / "root" / "page.html.gz").write_bytes(packed)
    (place / "root" / "page.html").write_bytes(gzip.decompress(packed))
    user = "user root;" if os.geteuid() == 0 else ""
    (place / "nginx.conf").write_text(_CONFIG.format(folder=place, port=port, user=user))
    command = [program, "-c", str(place / "nginx.conf"), "-e", str(place / "error.log")]
    with running(command, port=port, folder=place, env={}, ready="/page.html") as there:
        yield there
