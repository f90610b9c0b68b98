# The program alone: a static binary and the certificates that a server's is checked against.
#
#   docker build -t sower .
#   docker run --rm -e DATABASE_URL=postgres://... sower generate --rows 1000

FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=""
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X github.com/sowerdata/sower/internal/cli.Version=${VERSION}" -o /sower ./cmd/sower

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /sower /sower
USER 65532:65532
ENTRYPOINT ["/sower"]
