package file

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// Place is where files go: a directory, or the objects of a bucket. Files have plain names, without folders. Its
// methods may be called by several goroutines at once.
type Place interface {
	// Path is what messages call a file of it; "" is the place itself.
	Path(name string) string
	// Open readies it to be written, and makes it where it is missing.
	Open() error
	// Create begins a file, which nobody sees before Publish.
	Create(name string) (Draft, error)
	// Stat tells the size of a file, and a tag that another content would not have, "" where there is none. The error is
	// fs.ErrNotExist where there is no such file.
	Stat(name string) (size int64, tag string, err error)
	// Read opens a file.
	Read(name string) (io.ReadCloser, error)
	// List gives the names of all files that begin with prefix.
	List(prefix string) ([]string, error)
	// Remove removes a file; that there is none is no error.
	Remove(name string) error
	// Sync makes sure that what was published and removed stays so.
	Sync() error
	// Withdraw takes back what Open made, where nothing else is in it.
	Withdraw()
}

// Draft is a file in the making. It belongs to one goroutine at a time.
type Draft interface {
	io.Writer
	// Seal ends the content: it is safe from now on. tag is what Stat will tell of it.
	Seal() (tag string, err error)
	// Publish gives the file its name, in the place of one that has it.
	Publish() error
	// Discard gives the content up. After Publish it does nothing.
	Discard() error
}

// Directory is a Place in the file system.
type Directory struct {
	path   string
	made   bool
	create func(path string) (output, error)
}

// output is what a file is written to: an *os.File, but for tests.
type output interface {
	io.WriteCloser
	Sync() error
}

// InDirectory gives a directory.
func InDirectory(path string) *Directory { return &Directory{path: path, create: createFile} }

func createFile(path string) (output, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
}

// Path is the file's path.
func (d *Directory) Path(name string) string { return filepath.Join(d.path, name) }

// Open makes the directory where it is missing.
func (d *Directory) Open() error {
	info, err := os.Stat(d.path)
	switch {
	case err == nil && !info.IsDir():
		return fmt.Errorf("write files into %s: it is no directory", d.path)
	case errors.Is(err, fs.ErrNotExist):
		if err := os.MkdirAll(d.path, 0o777); err != nil {
			return fmt.Errorf("write files into %s: %w", d.path, err)
		}
		d.made = true
	case err != nil:
		return fmt.Errorf("write files into %s: %w", d.path, err)
	}
	return nil
}

// Create begins a file under a temporary name.
func (d *Directory) Create(name string) (Draft, error) {
	temp := d.Path(fmt.Sprintf(".%s.%d-%08x.tmp", name, os.Getpid(), rand.Uint32()))
	out, err := d.create(temp)
	if err != nil {
		return nil, err
	}
	return &directoryDraft{out: out, temp: temp, path: d.Path(name)}, nil
}

// Stat tells a file's size. A directory is an error.
func (d *Directory) Stat(name string) (int64, string, error) {
	info, err := os.Lstat(d.Path(name))
	switch {
	case err != nil:
		return 0, "", err
	case info.IsDir():
		return 0, "", errors.New("a directory has that name")
	}
	return info.Size(), "", nil
}

func (d *Directory) Read(name string) (io.ReadCloser, error) { return os.Open(d.Path(name)) }

// List gives the directory's files.
func (d *Directory) List(prefix string) (names []string, err error) {
	entries, err := os.ReadDir(d.path)
	for _, e := range entries {
		if name := e.Name(); len(name) >= len(prefix) && name[:len(prefix)] == prefix && !e.IsDir() {
			names = append(names, name)
		}
	}
	return names, err
}

func (d *Directory) Remove(name string) error {
	if err := os.Remove(d.Path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Sync makes renames stand after a power cut.
func (d *Directory) Sync() error {
	if runtime.GOOS == "windows" {
		return nil // directories cannot be synced there
	}
	f, err := os.Open(d.path)
	if err != nil {
		return fmt.Errorf("sync %s: %w", d.path, err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) { // some file systems have no such call
		return fmt.Errorf("sync %s: %w", d.path, err)
	}
	return nil
}

func (d *Directory) Withdraw() {
	if d.made {
		os.Remove(d.path) // fails where someone else has put a file there
	}
}

type directoryDraft struct {
	out        output // nil once closed
	temp, path string
}

func (f *directoryDraft) Write(p []byte) (int, error) { return f.out.Write(p) }

// Seal brings the file to the disk.
func (f *directoryDraft) Seal() (string, error) {
	err := f.out.Sync()
	err = errors.Join(err, f.out.Close())
	f.out = nil
	return "", err
}

func (f *directoryDraft) Publish() error { return os.Rename(f.temp, f.path) }

func (f *directoryDraft) Discard() error {
	if f.out != nil {
		f.out.Close() // its content goes, so that no error matters
		f.out = nil
	}
	if err := os.Remove(f.temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove %s: %w", f.temp, err)
	}
	return nil
}
