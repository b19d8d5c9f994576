# The image of xzgate, for amd64 and arm64: the program, its shared libraries, the authorities of the system. No shell, no
# package manager. It runs as 65532, on a read-only root file system; /var/lib/xzgate and /tmp are for volumes.
#
#   docker build -t xzgate:0.1.0 .        buildah bud -t xzgate:0.1.0 .
ARG BASE=docker.io/library/debian:13-slim

FROM ${BASE} AS build
ARG JOBS=
WORKDIR /src
COPY tools/install-deps tools/install-deps
RUN tools/install-deps build
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY base base
COPY scanner scanner
COPY webhook webhook
COPY cmd cmd
RUN cmake --preset release && cmake --build build/release --target xzgate --parallel ${JOBS:-$(nproc)}
COPY tools/image-root tools/image-root
RUN tools/image-root build/release/cmd/xzgate /image && mkdir -p /own/xzgate

FROM scratch
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="xzgate" \
      org.opencontainers.image.description="Keeps images with the xz-utils backdoor out of a Kubernetes cluster" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}"
COPY --from=build /image/ /
COPY --from=build --chown=65532:65532 /own/ /var/lib/
USER 65532:65532
EXPOSE 8443 8080 8081
ENTRYPOINT ["/usr/bin/xzgate"]
CMD ["--help"]
