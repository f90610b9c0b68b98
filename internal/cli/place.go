package cli

import (
	"context"
	"strings"

	"github.com/sowerdata/sower/sink/bucket"
	"github.com/sowerdata/sower/sink/file"
)

const dirHelp = "`DIR`ectory of the files, or s3://BUCKET/PREFIX, or gs://BUCKET/PREFIX"

// place is where --dir says that files go.
func (a *app) place(ctx context.Context, dir string) (file.Place, error) {
	if path, ok := strings.CutPrefix(dir, "file://"); ok {
		if !strings.HasPrefix(path, "/") {
			return nil, usage("--dir: write file:///PATH, the path from the root on")
		}
		return file.InDirectory(path), nil
	}
	if bucket.Is(dir) {
		b, err := bucket.In(ctx, dir, a.getenv)
		if err != nil {
			return nil, usage("--dir: %w", err)
		}
		return b, nil
	}
	if scheme, _, ok := strings.Cut(dir, "://"); ok {
		return nil, usage("--dir: %s:// is not known: there are directories, file://, s3:// (and what speaks its protocol, by AWS_ENDPOINT_URL) and gs://", scheme)
	}
	return file.InDirectory(dir), nil
}
