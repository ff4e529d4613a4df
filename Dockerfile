# One base for all stages: Node comes from a wheel that the lock names, as it does for `make`.
FROM python:3.13-slim-bookworm AS base
ENV PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app

FROM base AS embed
COPY scripts scripts
COPY requirements-node.lock ./
COPY embed embed
RUN ["python", "scripts/embed.py"]

FROM base AS packages
# `--build-arg PACKAGES=traces`: the same, with what makes and sends OpenTelemetry traces.
ARG PACKAGES=run
COPY scripts scripts
COPY requirements.lock requirements-traces.lock ./
RUN python scripts/environment.py "$PACKAGES"

FROM base
# A number, so that an orchestrator can see that it is not root.
RUN install --directory --owner=10001 --group=10001 --mode=0750 /data
COPY --from=packages /app/.venv .venv
COPY migrations migrations
COPY service service
COPY --from=embed /app/service/static service/static
# The file system may be read-only: the bytecode has to be there before.
RUN [".venv/bin/python", "-m", "compileall", "-q", "service", "migrations", ".venv/lib"]

ENV PATH=/app/.venv/bin:$PATH PARLEY_HOST=0.0.0.0 PARLEY_DATA_DIR=/data PARLEY_LOG_FORMAT=json
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 CMD ["parley", "health"]
ENTRYPOINT ["parley"]
CMD ["serve"]
