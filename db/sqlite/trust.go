package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
)

// distrust makes the settings of every connection: pages are looked at before they are believed, and what the schema
// of a file says may call only functions that do nothing but compute. Where it uses REGEXP that cannot be said: the
// function is sower's own and does no more, but the driver cannot tell SQLite so.
func distrust(ctx context.Context, conn driver.Conn) error {
	set := func(pragma string) error {
		_, err := conn.(driver.ExecerContext).ExecContext(ctx, "pragma "+pragma, nil)
		return err
	}
	if err := set("cell_size_check=on"); err != nil {
		return err
	}
	rows, err := conn.(driver.QueryerContext).QueryContext(ctx, "select 1 from main.sqlite_schema where sql like '%regexp%' limit 1", nil)
	if err == nil {
		found := rows.Next(make([]driver.Value, 1)) == nil
		if err = rows.Close(); err == nil && found {
			return nil
		}
	}
	return set("trusted_schema=off") // what is wrong with a file, whoever reads it next says
}

// recordForms has, for each of sower's own tables, every set of columns that a version of sower has made. To add a form,
// add a line; to add a table, add a key.
var recordForms = map[string][]string{
	"sower_run": {
		"number, blueprint, state, identity, plan, version, started, finished",
		"number, blueprint, state, identity, plan, version, started, finished, shape, grows, shards, batches",
	},
	"sower_ledger":  {"run, name, first, n", "run, name, first, n, part, digest"},
	"sower_form":    {"form, sower"},
	"sower_key":     {"table_name, column_name, last"},
	"sower_journal": {"id, table_name, name, place, ddl", "id, table_name, root, columns, name, place, ddl"},
}

// genuine is an error where one of sower's own tables is not what sower makes: a plain table of a known form, without
// triggers, further indexes and generated columns. Nothing of such a file is believed.
func genuine(ctx context.Context, conn *sql.Conn) error {
	const found = `
select s.name, s.type, s.tbl_name, coalesce(s.sql, ''),
       case s.type when 'table' then (select group_concat(x.name || case when x.hidden then ' (hidden)' else '' end, char(1)) from pragma_table_xinfo(s.name, 'main') x) else '' end
  from main.sqlite_schema s where (s.name like 'sower\_%' escape '\' or s.tbl_name like 'sower\_%' escape '\') and s.name not like 'sqlite\_%' escape '\'`
	rows, err := conn.QueryContext(ctx, found)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name, kind, table, ddl string
		var columns sql.NullString
		if err := rows.Scan(&name, &kind, &table, &ddl, &columns); err != nil {
			return err
		}
		forms, ours := recordForms[strings.ToLower(table)]
		if !ours && recordForms[strings.ToLower(name)] == nil {
			continue
		}
		names := slices.Sorted(strings.SplitSeq(columns.String, "\x01"))
		fault := ""
		switch {
		case kind != "table":
			fault = fmt.Sprintf("%s is a %s", name, kind)
			if table != name {
				fault = fmt.Sprintf("%s has the %s %s", table, kind, name)
			}
		case strings.HasPrefix(strings.ToLower(strings.Join(strings.Fields(ddl), " ")), "create virtual"):
			fault = name + " is a virtual table"
		case !slices.ContainsFunc(forms, func(form string) bool { return slices.Equal(names, slices.Sorted(strings.SplitSeq(form, ", "))) }):
			fault = fmt.Sprintf("%s has no form that this version of sower knows (columns: %s)", name, strings.ReplaceAll(columns.String, "\x01", ", "))
		}
		if fault != "" {
			return fmt.Errorf("what it says of runs is not believed, and nothing of it is read or run: %s, which sower never makes: "+
				"use the version of sower that made it, or drop it", fault)
		}
	}
	return rows.Err()
}
