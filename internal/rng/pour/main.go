// Command pour writes the random numbers that cells are drawn from to stdout, as bytes, until nobody reads
// them any more. Its argument says which ones: "rows" is the first draw of one row after the other, as a
// column makes them; "draws" are all draws of one row; "columns" goes from column to column.
package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"os"

	"github.com/sowerdata/sower/internal/rng"
)

func main() {
	if len(os.Args) != 2 || pour(os.Args[1]) != nil {
		fmt.Fprintln(os.Stderr, "pour: want rows, draws or columns")
		os.Exit(2)
	}
}

func pour(what string) error {
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	table := rng.NewKey(1, "table")
	write := func(x uint64) {
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], x)
		if _, err := out.Write(b[:]); err != nil {
			os.Exit(0) // the reader has seen enough
		}
	}
	switch what {
	case "rows":
		for key, row := table.Derive("column"), int64(0); ; row++ {
			s := key.At(row, 0)
			write(s.Uint64())
		}
	case "draws":
		for s := table.Derive("column").At(0, 0); ; {
			write(s.Uint64())
		}
	case "columns":
		for i := 0; ; i++ {
			s := table.Derive(fmt.Sprintf("column %d", i)).At(7, 0)
			write(s.Uint64())
		}
	}
	return fmt.Errorf("%q is unknown", what)
}
