package postgres

import (
	"context"
	"fmt"
	"net"
	"strings"

	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sink"
)

var _ sink.Guarded = (*DB)(nil)

// Risks tells of a standby, a superuser, another machine, and of tables that are published while somebody
// receives what is published.
func (db *DB) Risks(ctx context.Context, tables []*schema.Table) (*sink.Risks, error) {
	r := new(sink.Risks)
	err := db.read(ctx, func(s *session) error {
		if a := s.pg.Conn().RemoteAddr(); !local(a) {
			r.Remote = a.String()
		}
		row, err := s.row(ctx, "select pg_is_in_recovery(), rolsuper, current_user from pg_roles where rolname = current_user")
		if err != nil {
			return err
		}
		if row != nil {
			r.Standby = toBool(row[0])
			if toBool(row[1]) {
				r.Superuser = string(row[2])
			}
		}
		if len(tables) == 0 {
			return nil
		}
		var list []string
		for _, t := range tables {
			list = append(list, text(tableSQL(t))+"::regclass::oid")
		}
		// Of a partition, its parents' publications count as well; of a partitioned table, those of its partitions.
		return s.each(ctx, `
select n.nspname || '.' || c.relname || ' (publication ' || string_agg(distinct p.pubname, ', ' order by p.pubname) || ')'
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  join lateral (select c.oid as relid union select relid from pg_partition_ancestors(c.oid) union select relid from pg_partition_tree(c.oid)) f on true
  join pg_class fc on fc.oid = f.relid join pg_namespace fn on fn.oid = fc.relnamespace
  join pg_publication_tables p on p.schemaname = fn.nspname and p.tablename = fc.relname
 where c.oid = any (array[`+strings.Join(list, ", ")+`])
   and exists (select 1 from pg_replication_slots where slot_type = 'logical' and database = current_database())
 group by n.nspname, c.relname order by 1`, func(row [][]byte) error {
			r.Replicated = append(r.Replicated, string(row[0]))
			return nil
		})
	})
	if err != nil {
		return nil, explain(ctx, fmt.Sprintf("look at what is risky in %s", db.where), err)
	}
	return r, nil
}

// local tells whether an address is one of this machine's alone.
func local(a net.Addr) bool {
	switch a := a.(type) {
	case *net.UnixAddr:
		return true
	case *net.TCPAddr:
		return a.IP.IsLoopback()
	}
	return false
}
