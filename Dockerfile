FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG STAMP=
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.stamp=${STAMP}" -o /root-of-image/console ./cmd/console
RUN mkdir -m 0700 /root-of-image/data && mkdir -m 1777 /root-of-image/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build --chown=65532:65532 /root-of-image/ /
USER 65532:65532
ENV LISTEN_ADDR=0.0.0.0:8080 DATA_DIR=/data LOG_FORMAT=json
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/console", "healthcheck"]
ENTRYPOINT ["/console"]
CMD ["serve"]
