package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/sowerdata/sower/sink"
)

var _ sink.Checker = (*DB)(nil)

// Check tells what of server, role and tables would make a load fail, all of it at once.
func (db *DB) Check(ctx context.Context, tables []*sink.Target) error {
	var found []string
	var causes []error
	err := db.read(ctx, func(s *session) error {
		if err := mayWrite(ctx, s, tables, reading|inserting|defining); err != nil {
			return err
		}
		row, err := s.row(ctx, `select pg_is_in_recovery(), current_setting('default_transaction_read_only') = 'on',
			current_setting('session_replication_role')`)
		switch {
		case err != nil:
			return err
		case toBool(row[0]):
			found = append(found, "the server is a standby, which takes no writes: give the address of its primary")
		case toBool(row[1]) && !db.opt.ReadOnly:
			found = append(found, "the database takes no writes: it, or the role, is set to default_transaction_read_only: "+
				"have that reset, or let the URL say default_transaction_read_only=off")
		}
		if len(found) > 0 {
			causes = append(causes, sink.ErrReadOnly)
		}
		if role := string(row[2]); role != "origin" {
			found = append(found, "session_replication_role is "+role+" for this role or database, so that foreign keys and triggers "+
				"do not act: a superuser must reset it (alter role ... reset session_replication_role)")
		}
		if len(tables) == 0 {
			return nil
		}
		var list []string
		for i, t := range tables {
			list = append(list, fmt.Sprintf("(%d, %s::regclass)", i, text(tableSQL(t.Table))))
		}
		const states = `
select t.i, has_table_privilege(t.oid, 'select') or has_any_column_privilege(t.oid, 'select'), has_table_privilege(t.oid, 'insert') or has_any_column_privilege(t.oid, 'insert'), row_security_active(t.oid),
       coalesce((select string_agg(s.subname, ', ') from pg_subscription_rel r join pg_subscription s on s.oid = r.srsubid where r.srrelid = t.oid), ''),
       c.relforcerowsecurity and pg_has_role(c.relowner, 'usage')
  from t join pg_class c on c.oid = t.oid order by t.i`
		return s.each(ctx, "with t (i, oid) as (values "+strings.Join(list, ", ")+")"+states, func(r [][]byte) error {
			t := tables[toInt(r[0])]
			name, sql := tableName(t.Table), tableSQL(t.Table)
			var rights []string
			if !toBool(r[1]) {
				rights = append(rights, "select")
			}
			if !toBool(r[2]) {
				rights = append(rights, "insert")
			}
			if len(rights) > 0 {
				found = append(found, fmt.Sprintf("%s: the role lacks the right to %s: an owner must run: grant %s on %s to %s", name, strings.Join(rights, " and to "), strings.Join(rights, ", "), sql, ident(db.user)))
			}
			switch {
			case toBool(r[3]) && toBool(r[5]):
				found = append(found, fmt.Sprintf("%s: row-level security hides rows, from its owner too: for the load run: alter table %s no force row level security", name, sql))
			case toBool(r[3]):
				found = append(found, fmt.Sprintf("%s: row-level security hides rows from the role: fill it as its owner, or as a role with BYPASSRLS", name))
			}
			if len(r[4]) > 0 {
				found = append(found, fmt.Sprintf("%s: its rows come by logical replication (subscription %s): fill it where they come from, or leave it out", name, r[4]))
			}
			return nil
		})
	})
	if err != nil {
		return explain(ctx, "look at the tables in "+db.where, err)
	}
	if len(found) == 0 {
		return db.secondConnection(ctx)
	}
	return &failure{text: db.where + " cannot be filled: " + strings.Join(found, "\n"), causes: causes}
}

// secondConnection makes sure that there is a connection for rows beside the one that controls the run, and keeps it for them.
func (db *DB) secondConnection(ctx context.Context) error {
	return repeatedly(ctx, func() error {
		s, err := db.takeSession(ctx)
		if err != nil {
			return err
		}
		return db.giveSession(s)
	})
}
