package sqlite

import (
	"context"
	"fmt"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/sink"
)

var _ sink.Filler = (*DB)(nil)

// MayFill says nothing: triggers of a file reach nothing but the file.
func (db *DB) MayFill(context.Context, []*sink.Target) error { return nil }

// Fill gives rows that exist their cells in columns that came later, from a temporary table.
func (db *DB) Fill(ctx context.Context, t *sink.Target, keys int, b *column.Batch, part int) (rows int64, kept map[string][]int, err error) {
	what := fmt.Sprintf("fill columns of %s rows %d-%d", t.Name, b.First, b.First+int64(b.N)-1)
	opened, err := db.Loader(ctx, t)
	if err != nil {
		return 0, nil, err
	}
	defer opened.Close()
	l := opened.(*loader)
	e := new(encoded)
	if err := e.encode(b, l.affinities); err != nil {
		return 0, nil, fmt.Errorf("%s: %w", what, err)
	}
	var names, same, set, other []string
	for i, name := range t.Columns {
		c, s := "t."+quoteIdent(name), fmt.Sprintf("s.c%d", i)
		names = append(names, fmt.Sprintf("c%d", i))
		if i < keys {
			same = append(same, c+" is "+s)
			continue
		}
		unset := c + " is null"
		if d := t.Table.Column(name).Default; d != "" {
			unset += " or " + c + " is (" + d + ")"
		}
		set = append(set, fmt.Sprintf("%s = case when %s then %s else %s end", quoteIdent(name), unset, s, c))
		other = append(other, fmt.Sprintf("(%s is not %s)", c, s))
	}
	joined := fmt.Sprintf("temp.sower_fill s cross join main.%s t where %s", quoteIdent(t.Table.Name), strings.Join(same, " and "))
	err = db.change(ctx, what, func(w execer) error {
		if err := w.exec(ctx, "drop table if exists temp.sower_fill; create temp table sower_fill ("+strings.Join(names, ", ")+")"); err != nil {
			return err
		}
		db.source.batch, db.source.at = e, 0
		err := w.exec(ctx, fmt.Sprintf("insert into temp.sower_fill select * from temp.sower_rows_%d", len(t.Columns)))
		db.source.batch = nil
		if err != nil {
			return err
		}
		if err := db.writer.QueryRowContext(ctx, "select count(*) from "+joined).Scan(&rows); err != nil {
			return err
		}
		err = w.exec(ctx, fmt.Sprintf("update main.%[1]s as t set %[2]s from temp.sower_fill s where %[3]s", quoteIdent(t.Table.Name), strings.Join(set, ", "), strings.Join(same, " and ")))
		if err != nil {
			return err
		}
		kept = map[string][]int{}
		list := strings.Join(other, " || ")
		others, err := db.writer.QueryContext(ctx, "select s.rowid - 1, "+list+" from "+joined+" and instr("+list+", '1') order by 1")
		if err != nil {
			return err
		}
		defer others.Close()
		for others.Next() {
			var at int
			var which string
			if err := others.Scan(&at, &which); err != nil {
				return err
			}
			for i, other := range which {
				if name := t.Columns[keys+i]; other == '1' {
					kept[name] = append(kept[name], at)
				}
			}
		}
		if err := others.Close(); err != nil {
			return err
		}
		if err := w.exec(ctx, "drop table temp.sower_fill"); err != nil {
			return err
		}
		return w.addEntry(ctx, l.run, t.Name, sink.Entry{Range: sink.Range{First: b.First, N: int64(b.N)}, Part: part, Digest: b.Digest})
	})
	return rows, kept, err
}
