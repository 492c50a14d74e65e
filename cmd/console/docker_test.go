package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The image is static, runs as nobody, keeps its data in a volume, and is
// asked whether it lives by the program itself.
func TestDockerfile(t *testing.T) {
	b, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	build, image, found := strings.Cut(string(b), "FROM scratch\n")
	if !found {
		t.Fatal("the image is not from scratch")
	}
	has := func(stage, pattern string) {
		t.Helper()
		if !regexp.MustCompile(`(?m)` + pattern).MatchString(stage) {
			t.Errorf("no line %s", pattern)
		}
	}
	has(build, `^FROM golang:\$\{GO\} AS build$`)
	has(build, `^RUN go run \./cmd/console/release -version "\$\{VERSION\}" -commit "\$\{COMMIT\}" -out /root-of-image$`)
	has(build, `mkdir -m 0700 /root-of-image/data`)
	has(image, `^COPY --from=build /etc/ssl/certs/ca-certificates\.crt `)
	has(image, `^COPY --from=build --chown=65532:65532 /root-of-image/data /data$`)
	has(image, `^COPY --from=build /root-of-image/console .*/root-of-image/console\.cdx\.json .*/$`)
	has(image, `^USER 65532:65532$`)
	has(image, `^ENV .*LISTEN_ADDR=0\.0\.0\.0:8080`)
	has(image, `^ENV .*DATA_DIR=/data\b`)
	has(image, `^VOLUME /data$`)
	has(image, `^HEALTHCHECK .*CMD \["/console", "healthcheck"\]$`)
	has(image, `^ENTRYPOINT \["/console"\]$`)
	has(image, `^CMD \["serve"\]$`)
	if strings.Contains(image, "RUN ") {
		t.Error("there is no shell in the image")
	}
	for _, name := range regexp.MustCompile(`([A-Z_]+)=`).FindAllStringSubmatch(regexp.MustCompile(`(?m)^ENV .*$`).FindString(image), -1) {
		if !strings.Contains(settingsText(), "  "+name[1]+" ") {
			t.Errorf("the image sets %s, which is no setting", name[1])
		}
	}
}
