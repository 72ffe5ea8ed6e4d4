# One image for everything: the API, the worker and the migrations are commands of the same program.
FROM node:24-bookworm-slim AS web
WORKDIR /web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci
COPY web ./
RUN npm run build

FROM python:3.11-slim-bookworm AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends g++ \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY constraints.txt pyproject.toml CMakeLists.txt README.md LICENSE ./
COPY src ./src
COPY data ./data
COPY benchmarks/results ./benchmarks/results
COPY --from=web /web/dist ./web/dist
RUN python -m venv /opt/fieldops \
    && /opt/fieldops/bin/pip install --no-cache-dir --constraint constraints.txt .

FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 10001 fieldops
COPY --from=build /opt/fieldops /opt/fieldops
ENV PATH=/opt/fieldops/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    FIELDOPS_HOST=0.0.0.0 \
    FIELDOPS_LOG_FORMAT=json
USER 10001
WORKDIR /home/fieldops
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["fieldops", "serve"]
