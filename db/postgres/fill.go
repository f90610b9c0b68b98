package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

var _ sink.Filler = (*DB)(nil)

// MayFill is an error where that would run code of others.
func (db *DB) MayFill(ctx context.Context, tables []*sink.Target) error {
	err := db.read(ctx, func(s *session) error { return mayWrite(ctx, s, tables, reading|updating) })
	return explain(ctx, "fill columns in "+db.where, err)
}

// Fill gives rows that exist their cells in columns that came later: they travel by COPY into a temporary table, from
// which one statement updates the rows.
func (db *DB) Fill(ctx context.Context, t *sink.Target, keys int, b *column.Batch, part int) (rows int64, kept map[string][]int, err error) {
	l, err := db.newLoader(t)
	if err != nil {
		return 0, nil, err
	}
	where := "fill columns of " + l.name + " " + rowRange(b)
	if err := l.check(b); err != nil {
		return 0, nil, err
	}
	s, err := db.soleSession(ctx)
	if err != nil {
		return 0, nil, again(fmt.Errorf("%s: %w", where, err))
	}
	err = s.transact(ctx, begin, func() error {
		if err := db.mayNow(ctx, s, []*schema.Table{t.Table}, reading|updating); err != nil {
			return err
		}
		if _, err := s.exec(ctx, ledgerRow, l.run, l.ledgerName, b.First, int64(b.N), int64(part), digestText(b.Digest)); err != nil {
			return err
		}
		if err := s.run(ctx, fmt.Sprintf("create temporary table sower_fill on commit drop as select %s from only %s with no data; "+
			"alter table pg_temp.sower_fill add %s bigint generated always as identity", l.columns, l.table, place)); err != nil {
			return err
		}
		l.rows.reset(b)
		_, err := s.pg.CopyFrom(ctx, &l.rows, l.copyInto("pg_temp.sower_fill"))
		if own := l.rows.detach(); own != nil && ctx.Err() == nil {
			err = own
		}
		if err != nil {
			return err
		}
		rows, kept = 0, map[string][]int{}
		return s.each(ctx, fillSQL(t, keys), func(r [][]byte) error {
			if r[0] == nil { // the last: how many there are
				rows = toInt(r[1])
				return nil
			}
			for i, other := range r[2] {
				if name := t.Columns[keys+i]; other == '1' {
					kept[name] = append(kept[name], int(toInt(r[0])-1))
				}
			}
			return nil
		})
	})
	if err != nil {
		_ = s.close()
		e := explain(ctx, where, err)
		var f *failure
		if code(err) == noPrivilege && errors.As(e, &f) {
			f.text += fmt.Sprintf(": an owner must run: grant update on %s to %s; and, where temporary tables are refused, "+
				"grant temporary on database %s to %s", l.table, ident(db.user), ident(db.name), ident(db.user))
		}
		return 0, nil, again(e)
	}
	return rows, kept, db.giveSession(s)
}

// place is the column of the temporary table that numbers its rows, from 1.
const place = `"place in the batch"`

// fillSQL is the statement that moves cells from the temporary table into the rows. It gives, in order, the places of rows that
// have other cells after all, with a 1 for each such column and a 0 for the others, and last the number of rows.
func fillSQL(t *sink.Target, keys int) string {
	var same, set, other []string
	for i, name := range t.Columns {
		c := ident(name)
		if i < keys {
			same = append(same, fmt.Sprintf("t.%s = s.%s", c, c))
			continue
		}
		set = append(set, fmt.Sprintf("%s = case when %s then s.%s else t.%s end", c, unset(t.Table.Column(name)), c, c))
		other = append(other, fmt.Sprintf("(pg_catalog.format('%%s', t.%s) is distinct from pg_catalog.format('%%s', s.%s))::int::text", c, c))
	}
	return fmt.Sprintf("with filled as (update %s as t set %s from pg_temp.sower_fill s where %s returning s.%s as place, %s as other) "+
		"select place, null, other from filled where other like '%%1%%' union all select null, count(*), null from filled order by 1 nulls last",
		rowsSQL(t.Table), strings.Join(set, ", "), strings.Join(same, " and "), place, strings.Join(other, " || "))
}

// unset is true of a row t whose cell in c nobody has written. Types that have no equality compare by their text.
func unset(c *schema.Column) string {
	cell := "t." + ident(c.Name)
	switch {
	case c.Default == "":
		return cell + " is null"
	case c.Type.Kind == column.Literal || c.Type.Kind == column.JSON && !c.Type.JSONB:
		return fmt.Sprintf("%s is null or pg_catalog.format('%%s', %s) = pg_catalog.format('%%s', (%s))", cell, cell, c.Default)
	}
	return fmt.Sprintf("%s is null or %s = (%s)", cell, cell, c.Default)
}
