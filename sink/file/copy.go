package file

import (
	"fmt"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/internal/pgcopy"
	"github.com/sowerdata/sower/sink"
)

// CopyText is the text format of PostgreSQL's COPY, as psql's \copy reads it. The columns are those of the
// manifest, in its order.
type CopyText struct{}

// Name gives "copy-text".
func (CopyText) Name() string { return "copy-text" }

// Ext gives ".copy".
func (CopyText) Ext() string { return ".copy" }

// Encoder makes an encoder.
func (CopyText) Encoder(t *sink.Target) (Encoder, error) { return newCopyEncoder(t, pgcopy.Text) }

// CopyBinary is the binary format of PostgreSQL's COPY. It is that of the columns' types, which must be
// known, and have one: arrays, ranges, network addresses and other types that are only text here do not.
type CopyBinary struct{}

// Name gives "copy-binary".
func (CopyBinary) Name() string { return "copy-binary" }

// Ext gives ".pgcopy".
func (CopyBinary) Ext() string { return ".pgcopy" }

// Encoder makes an encoder.
func (CopyBinary) Encoder(t *sink.Target) (Encoder, error) {
	for _, name := range t.Columns {
		if c := columnOf(t, name); c == nil || c.Type.Name == "" {
			return nil, fmt.Errorf("the type of column %s is not known: the binary format needs the types of a PostgreSQL database that has the table", name)
		}
	}
	e, err := newCopyEncoder(t, pgcopy.Binary)
	if err != nil {
		return nil, fmt.Errorf("%w: copy-text takes every type", err)
	}
	return e, nil
}

type copyEncoder struct{ rows *pgcopy.Encoder }

func newCopyEncoder(t *sink.Target, f pgcopy.Format) (Encoder, error) {
	columns := make([]pgcopy.Column, len(t.Columns))
	for k, typ := range typesOf(t) {
		columns[k] = pgcopy.Column{Name: t.Columns[k], Kind: t.Kinds[k], Type: typ}
	}
	e, err := pgcopy.New(t.Name, columns, f)
	if err != nil {
		return nil, err
	}
	return &copyEncoder{e}, nil
}

func (e *copyEncoder) Header(dst []byte) []byte          { return e.rows.Begin(dst) }
func (e *copyEncoder) Footer(dst []byte, _ int64) []byte { return e.rows.End(dst) }

func (e *copyEncoder) Append(dst []byte, b *column.Batch) (_ []byte, err error) {
	if err := whole(b); err != nil {
		return dst, err
	}
	e.rows.Bind(b)
	defer e.rows.Unbind()
	for i := range b.N {
		if dst, err = e.rows.AppendRow(dst, i); err != nil {
			return dst, err
		}
	}
	return dst, nil
}
