# The scanner as a container: for GitHub's container action (action.yml), GitLab, Jenkins and plain `docker run`.
# A release pins BASE by its digest. No `# syntax=` line: it would make every build ask a registry for a frontend.
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
# git for histories and hooks. Its one program is all that is taken of it, 4 MB: what is called is built into it, and the
# libraries that it needs are the base's.
# No version is named: Debian keeps only the newest of a release, and says which that is.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends git && rm -rf /var/lib/apt/lists/*
WORKDIR /build
RUN python -m venv --without-pip /opt/leaksweep
# The dependencies first, alone: they are built again only when their list changes. Each is one that we named, byte by byte.
COPY docker/requirements.lock docker/
RUN python -m pip --python /opt/leaksweep/bin/python install --no-cache-dir --only-binary :all: --require-hashes \
      -r docker/requirements.lock \
 # Half of that is never imported: colours for typer, build tools of sarif-om, a second backend of zstandard.
 && python -m pip --python /opt/leaksweep/bin/python uninstall --yes \
      markdown-it-py mdurl pbr pygments rich setuptools \
 && rm -f /opt/leaksweep/lib/python3*/site-packages/zstandard/_cffi.*.so
COPY pyproject.toml README.md LICENSE ./
COPY sarif sarif
COPY schemas schemas
COPY src src
RUN python -m pip --python /opt/leaksweep/bin/python install --no-cache-dir --no-deps .
# Compile the rules into the image. Times in whole seconds survive a registry, so the cache stays valid; any user may read it.
ENV LEAKSWEEP_CACHE_DIR=/opt/leaksweep/cache
COPY docker/sbom.py docker/
RUN mkdir -p /opt/leaksweep/share && /opt/leaksweep/bin/python docker/sbom.py > /opt/leaksweep/share/sbom.cdx.json
RUN find /opt/leaksweep -path '*/leaksweep/rules/data/*' -exec touch -d @0 {} + \
 && /opt/leaksweep/bin/leaksweep rules compile \
 && chmod -R a+rX /opt/leaksweep

FROM ${BASE}
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="leaksweep" \
      org.opencontainers.image.description="Finds leaked credentials in the workspace and in every layer of pushed images, and says what to do about each." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /usr/bin/git /usr/bin/git
COPY --from=build /opt/leaksweep /opt/leaksweep
ENV LEAKSWEEP_CACHE_DIR=/opt/leaksweep/cache \
    PATH=/opt/leaksweep/bin:$PATH
# No USER: GitHub's runner needs root; any other user works as well. No shell: it would drop INPUT_FAIL-ON and its like.
# Isolated (-I): nothing in the scanned folder, which is the working directory, is ever imported.
ENTRYPOINT ["/opt/leaksweep/bin/python", "-I", "-m", "leaksweep"]
