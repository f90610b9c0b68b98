package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// runManySmall fills 500 tables of 1,000 rows, each of which refers to one before it, four to each.
func runManySmall(ctx context.Context, b *bench, r *Result) error {
	tables := 500
	if b.options.quick {
		tables /= 10
	}
	dir, err := b.folder(r.Case)
	if err != nil {
		return err
	}
	blueprint, ddl := manyTables(tables, 1000)
	for name, text := range map[string]string{"many.yaml": blueprint, "many.sql": ddl} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			return err
		}
	}
	s := &scenario{source: filepath.Join(dir, "many.yaml")}
	if err := s.load(); err != nil {
		return err
	}
	return b.besideCopy(ctx, r, s, "copy-text", 0.6)
}

// manyTables writes a blueprint and a schema of as many tables, all of the same rows.
func manyTables(tables, rows int) (blueprint, ddl string) {
	var y, q strings.Builder
	y.WriteString("sower: 1\nname: many\nddl: {postgres: many.sql}\ntables:\n")
	for i := range tables {
		refers, parent := "", ""
		if i > 0 {
			refers = fmt.Sprintf(" references t%03d (id)", (i-1)/4)
			parent = fmt.Sprintf("      parent_id: {reference: {table: t%03d, column: id}}\n", (i-1)/4)
		} else {
			parent = "      parent_id: {constant: null}\n"
		}
		fmt.Fprintf(&q, "create table t%03d (id bigint primary key, parent_id bigint%s, name text not null, amount numeric(10, 2), created_at timestamptz not null);\n"+
			"create index t%03[1]d_parent_id_idx on t%03[1]d (parent_id);\n", i, refers, i)
		fmt.Fprintf(&y, "  t%03d:\n    rows: %d\n    columns:\n      id: sequence\n%s      name: {person: full_name}\n"+
			"      amount: {decimal: {min: 1, max: 9999.99}}\n      created_at: {timestamp: {from: \"2025-01-01\", to: \"2025-12-31\"}}\n", i, rows, parent)
	}
	return y.String(), q.String()
}
