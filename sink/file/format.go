package file

import (
	"fmt"
	"io"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

// Format is a file format: a RowFormat or a TableFormat.
type Format interface {
	Name() string // "csv"
	Ext() string  // ending of the files' names, with its dot
}

// RowFormat is a Format whose files are their rows, one behind the other, so that several goroutines may
// encode at once.
type RowFormat interface {
	Format
	// Encoder makes an encoder of a target's rows. Each loader has its own.
	Encoder(t *sink.Target) (Encoder, error)
}

// Encoder turns batches into bytes. What it appends for two batches, one behind the other, is what the
// file holds for the rows of both.
type Encoder interface {
	// Header appends what comes before the first row.
	Header(dst []byte) []byte
	// Append appends all rows of b.
	Append(dst []byte, b *column.Batch) ([]byte, error)
	// Footer appends what comes behind the last row, whose number is end-1.
	Footer(dst []byte, end int64) []byte
}

// TableFormat is a Format whose files are more than that: one writer gets all batches in order.
type TableFormat interface {
	Format
	// Writer makes the writer of a target's file. It compresses by itself.
	Writer(t *sink.Target, w io.Writer, c Compression) (Writer, error)
}

// Writer writes one file.
type Writer interface {
	// Write writes a batch, which is valid only during the call.
	Write(b *column.Batch) error
	// Close writes what ends the file. It does not close what it writes to.
	Close() error
}

// formats are all formats by name, in the order in which help shows them.
var formats = []Format{CSV{}, JSONL{}, Parquet{}, CopyText{}, CopyBinary{}, SQL{}}

// FormatNames lists the formats.
func FormatNames() []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.Name())
	}
	return names
}

// FormatOf finds a format by its name; dialect is that of SQL: "postgres" or "sqlite".
func FormatOf(name, dialect string) (Format, error) {
	for _, f := range formats {
		if f.Name() != name {
			continue
		}
		if _, ok := f.(SQL); ok {
			return SQL{Dialect: dialect}, nil
		}
		return f, nil
	}
	return nil, fmt.Errorf("there is no format %q; there are %s", name, strings.Join(FormatNames(), ", "))
}

// typesOf gives the types of a target's columns, as far as they are known.
func typesOf(t *sink.Target) []schema.Type {
	types := make([]schema.Type, len(t.Columns))
	for k, name := range t.Columns {
		if c := columnOf(t, name); c != nil {
			types[k] = c.Type
		}
	}
	return types
}

func columnOf(t *sink.Target, name string) *schema.Column {
	if t.Table == nil {
		return nil
	}
	return t.Table.Column(name)
}

// whole is an error where a batch's Vecs are not of its length.
func whole(b *column.Batch) error {
	for k, v := range b.Vecs {
		if v.Len() != b.N {
			return fmt.Errorf("column %s has %d cells, the batch %d rows", b.Names[k], v.Len(), b.N)
		}
	}
	return nil
}
