//go:build !unix

package pgtest

import (
	"errors"
	"os/exec"
)

// Servers are started on Unix only: elsewhere Start returns an error.

type account struct{ other bool }

func serverAccount() (account, error) {
	return account{}, errors.New("pgtest starts servers on Unix only")
}

func (account) own(string) error      { return nil }
func (account) attach(*exec.Cmd, int) {}
func usable(string) bool              { return false }
func openToAll(string) bool           { return false }
func free(string) int64               { return 0 }
