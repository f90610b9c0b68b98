package pgtest

import (
	"strings"
	"testing"
	"time"
)

func TestLeaks(t *testing.T) {
	t.Parallel() // not before the others: they may be at work
	stop := make(chan struct{})
	go wait(stop)
	time.Sleep(20 * time.Millisecond)
	found := 0
	for _, g := range leaks(0) {
		if strings.Contains(g, "pgtest.wait") {
			found++
		}
	}
	close(stop)
	if found != 1 {
		t.Errorf("%d goroutines wait, want 1", found)
	}
}

func wait(stop chan struct{}) { <-stop }
