package blueprint

import (
	"bytes"
	"io"
	"io/fs"
	"time"
)

// OpenText reads a blueprint that is no file: it has no pools beside it. Positions call it by name.
func OpenText(name string, text []byte) (*Document, error) {
	return Open(textFS{name, text}, name)
}

// textFS is a folder with one file.
type textFS struct {
	name string
	data []byte
}

// Open implements fs.FS.
func (f textFS) Open(name string) (fs.File, error) {
	if name != f.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return TextFile(f.name, f.data), nil
}

// TextFile is an open file of that name that holds a text.
func TextFile(name string, text []byte) fs.File {
	return &textFile{textFS{name, text}, bytes.NewReader(text)}
}

type textFile struct {
	textFS
	io.Reader
}

func (f *textFile) Stat() (fs.FileInfo, error) { return f, nil }
func (f *textFile) Close() error               { return nil }
func (f *textFile) Name() string               { return f.name }
func (f *textFile) Size() int64                { return int64(len(f.data)) }
func (f *textFile) Mode() fs.FileMode          { return 0o444 }
func (f *textFile) ModTime() time.Time         { return time.Time{} }
func (f *textFile) IsDir() bool                { return false }
func (f *textFile) Sys() any                   { return nil }
