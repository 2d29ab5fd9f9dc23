# The image is the command: docker run --rm -v "$PWD:/work:ro" idpool validate specs
# Nothing in it writes, so it also runs with --read-only and under any user id. AWS settings come
# from the environment, from the container or web-identity role, or from files mounted at
# /home/idpool/.aws.

FROM python:3.13-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore

WORKDIR /src
COPY requirements/build.txt requirements/runtime.txt requirements/
RUN python -m pip install --require-hashes --no-deps -r requirements/build.txt \
 && python -m venv /opt/idpool \
 && /opt/idpool/bin/python -m pip install --require-hashes --no-deps -r requirements/runtime.txt

COPY pyproject.toml README.md LICENSE idpool.py ./
COPY reconciler/ reconciler/
RUN python -m pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /opt/idpool/bin/python -m pip install --no-deps --no-index /wheels/*.whl \
 && /opt/idpool/bin/python -m pip check \
 && /opt/idpool/bin/python -m pip uninstall --yes pip


FROM python:3.13-slim

LABEL org.opencontainers.image.title="idpool" \
      org.opencontainers.image.description="Keeps Amazon Cognito identity pools as YAML specs say" \
      org.opencontainers.image.licenses="Apache-2.0"

COPY --from=build /opt/idpool /opt/idpool

ENV PATH=/opt/idpool/bin:$PATH \
    HOME=/home/idpool \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

WORKDIR /work
USER 10001:10001
ENTRYPOINT ["idpool"]
CMD ["--help"]
