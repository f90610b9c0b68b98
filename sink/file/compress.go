package file

import (
	"fmt"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Compression of files.
type Compression string

// The compressions. Files of rows are compressed transaction by transaction, each a gzip member or zstd
// frame of its own, on the goroutine that encoded it: every reader takes such files as one.
const (
	Default Compression = "" // none, but for Parquet, whose pages zstd compresses
	Plain   Compression = "none"
	Gzip    Compression = "gzip"
	Zstd    Compression = "zstd"
)

// ext is the further ending of a file's name.
func (c Compression) ext() string {
	switch c {
	case Gzip:
		return ".gz"
	case Zstd:
		return ".zst"
	}
	return ""
}

// compressor compresses pieces of a file. It belongs to one goroutine.
type compressor struct {
	gzip *gzip.Writer
	zstd *zstd.Encoder
	out  appender
}

// appender is an io.Writer.
type appender []byte

func (a *appender) Write(p []byte) (int, error) {
	*a = append(*a, p...)
	return len(p), nil
}

// newCompressor gives nil for no compression.
func newCompressor(c Compression) (*compressor, error) {
	switch c {
	case Default, Plain:
		return nil, nil
	case Gzip:
		w, err := gzip.NewWriterLevel(nil, gzip.DefaultCompression)
		return &compressor{gzip: w}, err
	case Zstd:
		w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
		return &compressor{zstd: w}, err
	}
	return nil, fmt.Errorf("there is no compression %q; there are none, gzip, zstd", c)
}

// compress appends src, compressed, to dst. A nil compressor appends it as it is; nothing is nothing.
func (c *compressor) compress(dst, src []byte) ([]byte, error) {
	switch {
	case len(src) == 0:
		return dst, nil
	case c == nil:
		return append(dst, src...), nil
	case c.zstd != nil:
		return c.zstd.EncodeAll(src, dst), nil
	}
	c.out = dst
	c.gzip.Reset(&c.out)
	if _, err := c.gzip.Write(src); err != nil {
		return dst, err
	}
	err := c.gzip.Close()
	dst, c.out = c.out, nil
	return dst, err
}
