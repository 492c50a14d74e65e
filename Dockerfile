ARG GO=1.26
FROM golang:${GO} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=unstamped
ARG COMMIT=unknown
RUN go run ./cmd/console/release -version "${VERSION}" -commit "${COMMIT}" -out /root-of-image
RUN mkdir -m 0700 /root-of-image/data && mkdir -m 1777 /root-of-image/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build --chown=65532:65532 /root-of-image/data /data
COPY --from=build /root-of-image/tmp /tmp
COPY --from=build /root-of-image/console /root-of-image/console.cdx.json /root-of-image/SHA256SUMS /
USER 65532:65532
ENV LISTEN_ADDR=0.0.0.0:8080 DATA_DIR=/data LOG_FORMAT=json
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/console", "healthcheck"]
ENTRYPOINT ["/console"]
CMD ["serve"]
