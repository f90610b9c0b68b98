package sqlite

import (
	"os"
	"testing"

	"github.com/sowerdata/sower/internal/pgtest"
)

// TestMain also looks for goroutines that the tests leave behind.
func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
