package postgres

import (
	"context"
	"slices"
	"strings"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
)

// placePartitions fills what a partition has from its parents, at all levels.
func (i *inspector) placePartitions(context.Context) error {
	for _, t := range i.order {
		if t.Partitioned {
			by := &schema.PartitionKey{Strategy: t.strategy}
			for _, n := range t.key {
				name := ""
				if c := t.byNumber[n]; c != nil {
					name = c.Name
				}
				by.Columns = append(by.Columns, name)
			}
			t.PartitionedBy = by
		}
		if t.Partition == nil {
			continue
		}
		if p := i.tables[t.parent]; p != nil {
			t.Partition.ParentSchema, t.Partition.ParentTable, t.Partition.Strategy = p.Schema, p.Name, p.strategy
			for _, n := range p.key {
				name := ""
				if c := p.byNumber[n]; c != nil {
					name = c.Name
				}
				t.Partition.Key = append(t.Partition.Key, name)
			}
		}
		only := map[string]string{}
		for at := t; at != nil && at.Partition != nil; at = i.tables[at.parent] {
			p := i.tables[at.parent]
			if p == nil {
				break
			}
			if p.strategy == "list" && len(p.key) == 1 && p.byNumber[p.key[0]] != nil {
				c := p.byNumber[p.key[0]]
				if v, ok := singleValue(at.Partition.Bound); ok {
					only[c.Name] = v
				}
			}
			for _, c := range t.Columns { // the parent's sequence feeds its partitions' keys too
				if up := p.Column(c.Name); up != nil && c.Sequence == "" && c.Default == "" && c.Type.Kind == column.Int {
					c.Sequence = up.Sequence
				}
			}
		}
		if len(only) > 0 {
			t.Partition.Only = only
		}
		for p := i.tables[t.parent]; p != nil; p = i.tables[p.parent] {
			for _, u := range t.Uniques {
				same := func(o *schema.Unique) bool {
					return o.Where == u.Where && slices.Equal(o.Columns, u.Columns) && slices.Equal(o.Expressions, u.Expressions)
				}
				if !slices.ContainsFunc(p.Uniques, same) && !slices.ContainsFunc(p.KeysBelow, same) {
					p.KeysBelow = append(p.KeysBelow, u)
				}
			}
			for _, fk := range t.ForeignKeys {
				if !slices.ContainsFunc(p.References(), func(o *schema.ForeignKey) bool { return sameKey(o, fk) }) {
					p.OfPartitions = append(p.OfPartitions, fk)
				}
			}
		}
	}
	return nil
}

// sameKey tells whether two foreign keys ask the same of a row.
func sameKey(a, b *schema.ForeignKey) bool {
	return a.RefSchema == b.RefSchema && a.RefTable == b.RefTable && slices.Equal(a.Columns, b.Columns) && slices.Equal(a.RefColumns, b.RefColumns)
}

// singleValue gives the value of a list partition that takes exactly one: FOR VALUES IN ('items').
func singleValue(bound string) (string, bool) {
	list, ok := strings.CutPrefix(bound, "FOR VALUES IN (")
	if !ok {
		return "", false
	}
	list, ok = strings.CutSuffix(list, ")")
	if !ok || list == "" || list == "NULL" {
		return "", false
	}
	escaped := false
	if strings.HasPrefix(list, "E'") {
		list, escaped = list[1:], true
	}
	if list[0] != '\'' {
		return list, !strings.Contains(list, ",")
	}
	var b strings.Builder
	for k := 1; k < len(list); k++ {
		switch {
		case list[k] == '\'' && k == len(list)-1:
			return b.String(), true
		case list[k] == '\'' && list[k+1] != '\'':
			return "", false // a second value follows
		case list[k] == '\'', escaped && list[k] == '\\':
			k++
		}
		if k < len(list) {
			b.WriteByte(list[k])
		}
	}
	return "", false
}
