// Command sower fills relational databases with synthetic data that obeys their rules.
package main

import (
	"os"

	"github.com/sowerdata/sower/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ()))
}
