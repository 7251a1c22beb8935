# A refresh, or Dagster's interface, without anything on the machine but Docker. The project is a volume: see compose.yaml.
FROM python:3.12-slim

# Same packages, same bytes as a checkout: the hashed lock of a refresh, without what tests need.
WORKDIR /opt/annexes
COPY requirements.lock pyproject.toml README.md LICENSE ./
COPY scripts/install.py scripts/
RUN python scripts/install.py requirements.lock
COPY pipeline pipeline
COPY packaging packaging
COPY raw/reference raw/reference
COPY raw/actes.toml raw/actes.toml
COPY dagster.yaml ./
RUN pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation . \
 && useradd --create-home --uid 1000 annexes \
 && mkdir /project && chown annexes /project

USER annexes
ENV ANNEXES_ROOT=/project ANNEXES_LOG=json PYTHONUNBUFFERED=1
WORKDIR /project
VOLUME /project
ENTRYPOINT ["annexes"]
CMD ["refresh"]
