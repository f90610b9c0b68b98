//go:build unix

package sqlite

import (
	"errors"
	"os"
	"syscall"
)

// lockFile makes a file and locks it, or gives errHeld.
func lockFile(path string) (*os.File, error) {
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o666) // who can make files beside the database could lead it elsewhere
		if err != nil {
			return nil, err
		}
		for {
			err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
			if !errors.Is(err, syscall.EINTR) {
				break
			}
		}
		if err != nil {
			f.Close()
			if errors.Is(err, syscall.EWOULDBLOCK) {
				return nil, errHeld
			}
			return nil, &os.PathError{Op: "flock", Path: path, Err: err}
		}
		// Its last holder may have removed the file after we had opened it: then the lock is on nothing.
		mine, err := f.Stat()
		if err == nil {
			if named, err := os.Lstat(path); err == nil && os.SameFile(mine, named) {
				return f, nil
			}
		}
		f.Close()
	}
}

// unlockFile removes the file while it is locked, and lets go.
func unlockFile(f *os.File, path string) error {
	return errors.Join(os.Remove(path), f.Close())
}
