package run

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/plan"
	"github.com/sowerdata/sower/rows"
	"github.com/sowerdata/sower/sink"
)

// own tells which rows of a table are the run's.
type own struct {
	where  string         // predicate over the table under the alias t; "" for all rows
	by     []*plan.Column // the rows are found by the cells of this key; nil where where says enough
	beside int64          // rows not made by this run that nothing tells from the run's
}

// ownRows gives how to tell a table's rows of this run from others, found out once. Where there are as many rows as the
// run made, they are the run's: whether each is the one that was made is for the comparison of cells to say.
func (v *verifier) ownRows(ctx context.Context, t *plan.Table) (*own, error) {
	if o := v.owns[t]; o != nil {
		return o, nil
	}
	o, err := v.tellOwn(ctx, t)
	if err != nil {
		return nil, fmt.Errorf("%s: telling the run's rows from others: %w", t.Name, err)
	}
	if v.owns == nil {
		v.owns = map[*plan.Table]*own{}
	}
	v.owns[t] = o
	return o, nil
}

func (v *verifier) tellOwn(ctx context.Context, t *plan.Table) (*own, error) {
	d := v.store.Dialect()
	expected := t.Rows - int64(len(v.findings.Left[t.Name].Rows)) + v.findings.Added[t.Name]
	all, err := v.store.QueryInt(ctx, "select count(*) from "+plan.TableSQL(d, t)+" t", nil)
	if err != nil || all <= expected {
		return &own{}, err
	}
	if where := t.OwnRange(d, "t"); where != "" && len(otherwise(findKey(t))) == 0 {
		n, err := v.store.QueryInt(ctx, "select count(*) from "+plan.TableSQL(d, t)+" t where "+where, nil)
		if err != nil {
			return nil, err
		}
		if n <= expected {
			return &own{where: where}, nil
		}
	}
	if keyed(t) {
		return &own{by: []*plan.Column{t.Key}}, nil
	}
	key := keyColumns(t)
	changed := func(c *plan.Column) bool {
		return slices.Contains(v.uncompared(t), c.Name) || len(v.findings.Others[t.Name][c.Name]) > 0
	}
	if len(key) > 0 && !slices.ContainsFunc(key, changed) && v.findings.Added[t.Name] == 0 {
		return &own{by: key}, nil
	}
	return &own{beside: all - expected}, nil
}

// alone gives the tables of which plan.Table.OwnRange tells the run's rows from all others.
func (v *verifier) alone(ctx context.Context) (map[*plan.Table]bool, error) {
	out := map[*plan.Table]bool{}
	for _, t := range filled(v.plan) {
		if keyed(t) {
			if _, out[t] = t.Key.Consecutive(); out[t] {
				continue
			}
		}
		o, err := v.ownRows(ctx, t)
		if err != nil {
			return nil, err
		}
		out[t] = o.by == nil && o.beside == 0
	}
	return out, nil
}

// keysAtOnce bounds the keys of several columns in one query: each is a condition of its own.
const keysAtOnce = 400

// countByKeys sums aggregates over some rows of a table that a key of several columns finds.
func (v *verifier) countByKeys(ctx context.Context, t *plan.Table, key []*plan.Column, list []int64, query string, out []int64) error {
	d := v.store.Dialect()
	var m rows.Maker
	for some := range slices.Chunk(list, keysAtOnce) {
		made, err := m.Rows(t, key, some)
		if err != nil {
			return err
		}
		found := make([]string, len(some))
		for i := range some {
			cells := make([]string, len(key))
			for k, c := range key {
				cells[k] = "t." + d.Ident(c.Name) + " = " + d.Cell(made.Vecs[k], i)
			}
			found[i] = "(" + strings.Join(cells, " and ") + ")"
		}
		sums, err := v.store.QueryInts(ctx, query+" where "+strings.Join(found, " or "), nil, len(out))
		if err != nil {
			return err
		}
		for i, n := range sums {
			out[i] += n
		}
	}
	return nil
}

// count evaluates aggregates over the run's rows in a scope, by key ranges where keys are such, else by lists of keys,
// whose sums it gives. Rows that were adopted are counted where exact numbers are asked for, and exempt from all other
// rules.
func (v *verifier) count(ctx context.Context, t *plan.Table, s scope, aggregates []string) ([]int64, error) {
	d := v.store.Dialect()
	from, n := int64(0), t.Rows
	if s.part != nil {
		from, n = s.part.First, s.part.Rows
	}
	out := make([]int64, len(aggregates))
	if n == 0 {
		return out, nil
	}
	query := fmt.Sprintf("select %s from %s t", strings.Join(aggregates, ", "), plan.TableSQL(d, t))
	if !keyed(t) {
		return out, v.countOwn(ctx, t, s, query, out)
	}
	key := "t." + d.Ident(t.Key.Name)
	if first, ok := t.Key.Consecutive(); ok && len(s.left) == 0 {
		return v.store.QueryInts(ctx, fmt.Sprintf("%s where %s between %d and %d", query, key, first+from, first+from+n-1), nil, len(aggregates))
	}
	var m rows.Maker
	for _, b := range batches([]sink.Range{{First: from, N: n}}, 5000) {
		list := v.among(t, s, b)
		if len(list) == 0 {
			continue
		}
		keys, err := m.Rows(t, []*plan.Column{t.Key}, list)
		if err != nil {
			return nil, err
		}
		sums, err := v.store.QueryInts(ctx, query+" where "+d.InKeys(key), keys.Vecs[0], len(aggregates))
		if err != nil {
			return nil, err
		}
		for i, x := range sums {
			out[i] += x
		}
	}
	return out, nil
}

// countOwn sums aggregates over the run's rows in a table whose key has several columns, or that has none.
func (v *verifier) countOwn(ctx context.Context, t *plan.Table, s scope, query string, out []int64) error {
	o, err := v.ownRows(ctx, t)
	if err != nil {
		return err
	}
	if o.by == nil {
		if o.where != "" {
			query += " where " + o.where
		}
		sums, err := v.store.QueryInts(ctx, query, nil, len(out))
		copy(out, sums)
		return err
	}
	for _, b := range batches([]sink.Range{{N: t.Rows}}, 5000) {
		if err := v.countByKeys(ctx, t, o.by, v.among(t, s, b), query, out); err != nil {
			return err
		}
	}
	return nil
}

// among gives the rows of a range that a scope speaks of.
func (v *verifier) among(t *plan.Table, s scope, b sink.Range) []int64 {
	list := make([]int64, 0, b.N)
	for row := b.First; row < b.First+b.N; row++ {
		if s.exact || !t.Adopted[row] && !slices.Contains(s.left, row) {
			list = append(list, row)
		}
	}
	return list
}
