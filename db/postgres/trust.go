package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The tables of the schema sower are read and written with the rights of whoever runs sower. So they are believed only
// if they are what sower itself makes: plain tables of a form that is known, without triggers, rules, policies and
// heirs, in a schema and of an owner whose code may run with those rights.

// recordForms has, for each table of the schema sower, every set of columns that a version of sower has made, in any
// order: "name type", the type as format_type writes it. To add a form, add a line; to add a table, add a key. A form that
// is not listed is refused: by the commands of this version, as somebody else's table, and rightly so for one of a newer
// version.
var recordForms = map[string][]string{
	"run": {
		"number bigint, blueprint text, state text, identity text, plan bytea, version text, started timestamp with time zone, finished timestamp with time zone",
		"number bigint, blueprint text, state text, identity text, plan bytea, version text, started timestamp with time zone, finished timestamp with time zone, " +
			"shape bytea, grows bigint, shards integer, batches bytea",
	},
	"ledger": {
		"run bigint, table_name text, first_row bigint, row_count bigint",
		"run bigint, table_name text, first_row bigint, row_count bigint, part integer, digest bytea",
	},
	"form": {"form integer, sower text"},
	"journal": {
		"id bigint, kind text, table_name text, name text, rank bigint, tablespace text, ddl text, after text[], validate text, state text, dropped timestamp with time zone",
		"id bigint, kind text, rel oid, table_name text, name text, rank bigint, facts jsonb, state text, dropped timestamp with time zone",
	},
}

// recorded tells whether a table of sower's own schema is there, whatever the role may do with it. One that is there is
// locked against changes of what it is and looked at: where it is not genuine, that is the error, and nothing may be
// read from it or written to it. Ask in the transaction that reads or writes it, again after making it, and before
// anything else of that transaction where that is a repeatable read.
func recorded(ctx context.Context, s *session, table string) (bool, error) {
	row, err := s.row(ctx, `select c.oid, c.relkind, pg_catalog.has_schema_privilege(n.oid, 'usage') and pg_catalog.has_any_column_privilege(c.oid, 'select')
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace
 where n.nspname operator(pg_catalog.=) 'sower' and c.relname operator(pg_catalog.=) $1::pg_catalog.name`, table)
	if err != nil || row == nil {
		return false, err
	}
	// What the role may not read it cannot lock either; its use will fail.
	if string(row[1]) == "r" && toBool(row[2]) && s.pg.TxStatus() == 'T' {
		if err := s.run(ctx, "lock table only "+ident("sower", table)+" in access share mode"); err != nil {
			return false, err
		}
	}
	return true, genuine(ctx, s, table, string(row[0]))
}

// genuine is an error where a table of the schema sower is not what sower makes, or not of somebody who may be trusted.
func genuine(ctx context.Context, s *session, table, oid string) error {
	roles, err := s.trustedRoles(ctx)
	if err != nil {
		return err
	}
	const facts = `
select c.relkind, c.relpersistence, pg_catalog.pg_get_userbyid(c.relowner), c.relowner, pg_catalog.pg_get_userbyid(n.nspowner), n.nspowner,
       (select pg_catalog.string_agg(pg_catalog.concat(a.attname, ' ', case when a.atttypid operator(pg_catalog.<) '16384' then pg_catalog.format_type(a.atttypid, a.atttypmod) else 'of a type of its own' end), e'\x01')
          from pg_catalog.pg_attribute a where a.attrelid operator(pg_catalog.=) c.oid and a.attnum operator(pg_catalog.>) 0 and not a.attisdropped),
       pg_catalog.concat_ws(', ',
         case when exists (select from pg_catalog.pg_trigger g where g.tgrelid operator(pg_catalog.=) c.oid and not (g.tgisinternal and g.tgfoid operator(pg_catalog.<) '16384')) then 'triggers' end,
         case when exists (select from pg_catalog.pg_rewrite w where w.ev_class operator(pg_catalog.=) c.oid) then 'rules' end,
         case when c.relrowsecurity or exists (select from pg_catalog.pg_policy p where p.polrelid operator(pg_catalog.=) c.oid) then 'row security' end,
         case when exists (select from pg_catalog.pg_inherits h where c.oid operator(pg_catalog.=) h.inhrelid or c.oid operator(pg_catalog.=) h.inhparent) then 'tables that inherit' end,
         case when exists (select from pg_catalog.pg_attribute a where a.attrelid operator(pg_catalog.=) c.oid and a.attgenerated operator(pg_catalog.<>) '') then 'generated columns' end,
         case when exists (select from pg_catalog.pg_index i where i.indrelid operator(pg_catalog.=) c.oid and (i.indexprs is not null or i.indpred is not null)) then 'indexes over expressions' end,
         case when exists (select from pg_catalog.pg_depend d join pg_catalog.pg_depend f on f.classid operator(pg_catalog.=) d.classid and f.objid operator(pg_catalog.=) d.objid
                where d.refclassid operator(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid operator(pg_catalog.=) c.oid
                  and (f.refclassid operator(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass or f.refclassid operator(pg_catalog.=) 'pg_catalog.pg_operator'::pg_catalog.regclass
                       or f.refclassid operator(pg_catalog.=) 'pg_catalog.pg_type'::pg_catalog.regclass)
                  and d.classid operator(pg_catalog.<>) 'pg_catalog.pg_type'::pg_catalog.regclass and d.classid operator(pg_catalog.<>) 'pg_catalog.pg_rewrite'::pg_catalog.regclass)
           then 'checks or defaults that call functions' end,
         case when exists (select from pg_catalog.pg_constraint k join pg_catalog.pg_class o on o.oid operator(pg_catalog.=) k.conrelid
                where k.confrelid operator(pg_catalog.=) c.oid and o.relnamespace operator(pg_catalog.<>) c.relnamespace) then 'tables that refer to it' end),
       (select pg_catalog.string_agg(distinct pg_catalog.concat(a.grantee, '=', case when a.grantee operator(pg_catalog.=) '0' then 'public' else pg_catalog.pg_get_userbyid(a.grantee) end), e'\x01')
          from pg_catalog.aclexplode(c.relacl) a
         where a.privilege_type operator(pg_catalog.=) 'TRIGGER' or c.relname operator(pg_catalog.=) 'journal' and (a.privilege_type operator(pg_catalog.=) 'INSERT' or a.privilege_type operator(pg_catalog.=) 'UPDATE'))
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace
 where c.oid operator(pg_catalog.=) $1::pg_catalog.oid`
	r, err := s.row(ctx, facts, oid)
	if err != nil {
		return err
	}
	if r == nil {
		return &failure{text: fmt.Sprintf("sower.%s was replaced meanwhile: try again", table)}
	}
	refuse := func(reason, role, remedy string) error {
		offer := ""
		if role != "" && role != "public" {
			offer = fmt.Sprintf("trust that role, if you do (%s), or run sower as it; or ", trustFlag(role))
		}
		return &failure{text: fmt.Sprintf("sower.%s is not believed, and nothing of it is read or run: %s. What to do: %s%s", table, reason, offer, remedy)}
	}
	const drop = "drop it, if nobody needs it (drop schema sower cascade)"
	for _, o := range []struct{ what, name, oid string }{{"it", string(r[2]), string(r[3])}, {"the schema sower", string(r[4]), string(r[5])}} {
		if !roles.trusts(o.oid) {
			return refuse(fmt.Sprintf("%s belongs to %s, who has other rights than %s", o.what, ident(o.name), ident(roles.session)), o.name, drop)
		}
	}
	if string(r[0]) != "r" || string(r[1]) == "t" {
		return refuse(fmt.Sprintf("it is no plain table (owner %s)", ident(string(r[2]))), "", drop)
	}
	if len(r[7]) > 0 {
		return refuse(fmt.Sprintf("it has %s, which sower never makes (owner %s)", r[7], ident(string(r[2]))), "", "remove these, or "+drop)
	}
	if columns := strings.Split(string(r[6]), "\x01"); !knownForm(table, columns) {
		return refuse(fmt.Sprintf("it has no form that this version of sower knows (owner %s; columns: %s)", ident(string(r[2])), strings.Join(columns, ", ")), "",
			"use the version of sower that made it; or rename or drop that schema, where the tables there are not sower's")
	}
	for writer := range strings.SplitSeq(string(r[8]), "\x01") {
		oid, name, _ := strings.Cut(writer, "=")
		if oid != "" && !roles.trusts(oid) {
			return refuse(fmt.Sprintf("%s, who has other rights than %s, may write it", ident(name), ident(roles.session)), name,
				fmt.Sprintf("see that it is right, and take the right away: revoke all on sower.%s from %s", table, ident(name)))
		}
	}
	return nil
}

// knownForm tells whether a table has the columns of one of the forms that are known.
func knownForm(table string, columns []string) bool {
	columns = slices.Sorted(slices.Values(columns))
	return slices.ContainsFunc(recordForms[table], func(form string) bool {
		return slices.Equal(columns, slices.Sorted(strings.SplitSeq(form, ", ")))
	})
}

// trustFlag is the flag that trusts a role, as a shell takes it.
func trustFlag(role string) string {
	if strings.ContainsFunc(role, func(r rune) bool { return r >= 0x80 || !wordByte(byte(r)) || r == '$' }) {
		role = "'" + strings.ReplaceAll(role, "'", `'\''`) + "'"
	}
	return "--trust-code-of " + role
}

// trusted are the roles whose code may run in a session: those that could become the session's role anyway, and those
// that the user trusts by name.
type trusted struct {
	session  string          // the role that connected: a SET ROLE is undone by a RESET ROLE of whatever runs
	roles    map[string]bool // by oid
	everyone bool            // the server has no role that is not trusted: nobody is there who could be a stranger
}

// trusts tells whether a role is one of them, by its oid as text.
func (t *trusted) trusts(oid string) bool { return t.roles[oid] }

// list is the text of an array of their oids.
func (t *trusted) list() string {
	return "{" + strings.Join(slices.Collect(maps.Keys(t.roles)), ",") + "}"
}

// trustedRoles asks the server. A superuser could become anybody, and so could a member that may set the role, or grant
// itself that it may.
func (s *session) trustedRoles(ctx context.Context) (*trusted, error) {
	become := "pg_catalog.pg_has_role(o.oid, me.oid, 'MEMBER')"
	if s.db.major.Load() >= 16 {
		become = "pg_catalog.pg_has_role(o.oid, me.oid, 'SET') or pg_catalog.pg_has_role(o.oid, me.oid, 'MEMBER WITH ADMIN OPTION')"
	}
	// The role of a database's owner has one member, who is not listed as such.
	sql := `with me as (select r.oid, r.rolname from pg_catalog.pg_roles r where r.rolname operator(pg_catalog.=) session_user)
select o.oid, me.rolname, o.rolname operator(pg_catalog.!~) '^pg_', (select pg_catalog.count(*) from pg_catalog.pg_roles r where r.rolname operator(pg_catalog.!~) '^pg_')
  from me, pg_catalog.pg_roles o where o.rolsuper or o.oid operator(pg_catalog.=) me.oid or ` + become + `
    or o.rolname operator(pg_catalog.=) any ($1::pg_catalog.name[])
    or o.rolname operator(pg_catalog.=) 'pg_database_owner' and exists (
       select from pg_catalog.pg_database d join pg_catalog.pg_roles o on o.oid operator(pg_catalog.=) d.datdba
        where d.datname operator(pg_catalog.=) pg_catalog.current_database() and (o.rolsuper or ` + become + ` or o.rolname operator(pg_catalog.=) any ($1::pg_catalog.name[])))`
	t := &trusted{roles: map[string]bool{}}
	var people, all int64 // roles that people made: the server's own (pg_...) are nobody, and whoever is a member of one is among these
	err := s.each(ctx, sql, func(r [][]byte) error {
		t.roles[string(r[0])] = true
		t.session = string(r[1])
		if toBool(r[2]) {
			people++
		}
		all = toInt(r[3])
		return nil
	}, nameArray(s.db.opt.TrustCodeOf))
	t.everyone = err == nil && people > 0 && people == all
	return t, err
}

// nameArray is the text of an array of names.
func nameArray(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(n) + `"`
	}
	return "{" + strings.Join(quoted, ",") + "}"
}
