package pgtest

import (
	"runtime"
	"strings"
	"time"
)

// leaks gives the goroutines that work for this module, or for a driver of a database, after all tests. What
// is just ending gets the given time for it.
func leaks(patience time.Duration) (left []string) {
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		buf := make([]byte, 1<<20)
		for n := runtime.Stack(buf, true); n == len(buf); n = runtime.Stack(buf, true) {
			buf = make([]byte, 2*len(buf))
		}
		left = left[:0]
		for _, g := range strings.Split(strings.TrimRight(string(buf), "\x00"), "\n\n")[1:] { // the first is this one
			for _, of := range []string{"sowerdata/sower/", "jackc/pgx/", "database/sql."} {
				if strings.Contains(g, of) && !strings.Contains(g, "testing.(*F)") && !strings.Contains(g, "testing.(*M)") {
					left = append(left, g)
					break
				}
			}
		}
		if len(left) == 0 || time.Now().After(end) {
			return left
		}
	}
}
