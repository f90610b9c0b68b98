package corpus

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// tester is what judges need of a test: a testing.T or a rapid.T.
type tester interface {
	Helper()
	Context() context.Context
	Cleanup(func())
	Error(args ...any)
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// connect opens a connection whose answers name everything with its schema.
func connect(t tester, url string) *pgconn.PgConn {
	t.Helper()
	config, err := pgconn.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	config.RuntimeParams["search_path"] = "pg_catalog"
	conn, err := pgconn.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

// apply runs a script of DDL.
func apply(t tester, url, ddl string) {
	t.Helper()
	conn, err := pgconn.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(conn.Exec(t.Context(), ddl).Close(), conn.Close(t.Context())); err != nil {
		t.Fatalf("%v\n%s", err, ddl)
	}
}

// ask runs one query and gives its rows, each cell as text; a null is "".
func ask(t tester, conn *pgconn.PgConn, sql string) [][]string {
	t.Helper()
	rows, err := query(t.Context(), conn, sql)
	if err != nil {
		t.Fatalf("%v\n%.300s", err, sql)
	}
	return rows
}

func query(ctx context.Context, conn *pgconn.PgConn, sql string) ([][]string, error) {
	results, err := conn.Exec(ctx, sql).ReadAll()
	if err != nil {
		return nil, err
	}
	var out [][]string
	for _, row := range results[len(results)-1].Rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = string(cell)
		}
		out = append(out, cells)
	}
	return out, nil
}

// ownSchemas is a condition on the name of a schema: the user's, without sower's own.
const ownSchemas = `nspname !~ '^pg_' and nspname not in ('information_schema', 'sower')`

// ofExtension is a condition on an oid: it belongs to an extension.
const ofExtension = `exists (select from pg_depend where objid = c.oid and classid = 'pg_class'::regclass and deptype = 'e')`

// counted are the tables whose rows are counted: partitions count in their parents.
const counted = `from pg_class c join pg_namespace n on n.oid = relnamespace where relkind in ('r', 'p') and not relispartition and ` + ownSchemas + ` and not ` + ofExtension

// counts gives the number of rows of every table, by its name, without the schema where that is public.
func counts(t tester, conn *pgconn.PgConn) map[string]int {
	t.Helper()
	out := map[string]int{}
	var parts []string
	for _, row := range ask(t, conn, `select format('select %L, count(*) from %s%I.%I', case nspname when 'public' then '' else nspname || '.' end || relname,
		case relkind when 'r' then 'only ' else '' end, nspname, relname) `+counted) {
		parts = append(parts, row[0])
	}
	for _, row := range ask(t, conn, strings.Join(parts, " union all ")) {
		var n int
		if _, err := fmt.Sscan(row[1], &n); err != nil {
			t.Fatal(err)
		}
		out[row[0]] = n
	}
	return out
}

// amiss asks the facts of a schema, whose names are those of public.
func amiss(t tester, conn *pgconn.PgConn, facts []string) (out []string) {
	t.Helper()
	ask(t, conn, "set search_path to public")
	for _, sql := range facts {
		if got := ask(t, conn, sql); len(got) != 1 || got[0][0] != "0" {
			out = append(out, fmt.Sprintf("%s: %v", sql, got))
		}
	}
	ask(t, conn, "reset search_path")
	return out
}

// violations asks the server itself, once more, whether everything holds that its schema says, with queries
// where a load could have gone around it; a line each for what does not.
func violations(t tester, conn *pgconn.PgConn) []string {
	t.Helper()
	var out []string
	// Checks, also those that are not valid for old rows.
	for _, row := range ask(t, conn, `select format('%I.%I', nspname, c.relname), conname, pg_get_expr(conbin, conrelid),
			format('select count(*) from only %I.%I where not (%s)', nspname, c.relname, pg_get_expr(conbin, conrelid))
		from pg_constraint k join pg_class c on c.oid = conrelid join pg_namespace n on n.oid = c.relnamespace
		where contype = 'c' and c.relkind = 'r' and `+enforced(conn)+ownSchemas+` order by 1, 2`) {
		out = append(out, none(t, conn, "check "+row[1]+" of "+row[0]+": "+row[2], row[3])...)
	}
	// Foreign keys: a child whose parent is not there, and half of a key that must be full.
	for _, row := range ask(t, conn, `select format('%I.%I', nspname, c.relname), conname, pg_get_constraintdef(k.oid),
			format('select count(*) from %s x where %s and not exists (select from %s y where %s)', conrelid::regclass,
				(select string_agg(format('x.%I is not null', attname), ' and ') from pg_attribute where attrelid = conrelid and attnum = any (conkey)), confrelid::regclass,
				(select string_agg(format('x.%I = y.%I', a.attname, b.attname), ' and ') from unnest(conkey, confkey) u (ck, pk) join pg_attribute a on a.attrelid = conrelid and a.attnum = ck join pg_attribute b on b.attrelid = confrelid and b.attnum = pk)),
			case confmatchtype when 'f' then format('select count(*) from %s where num_nulls(%s) not in (0, %s)', conrelid::regclass,
				(select string_agg(quote_ident(attname), ', ') from pg_attribute where attrelid = conrelid and attnum = any (conkey)), cardinality(conkey)) end
		from pg_constraint k join pg_class c on c.oid = conrelid join pg_namespace n on n.oid = c.relnamespace
		where contype = 'f' and conparentid = 0 and pg_get_constraintdef(k.oid) !~ 'PERIOD' and `+enforced(conn)+ownSchemas+` order by 1, 2`) {
		out = append(out, none(t, conn, "foreign key "+row[1]+" of "+row[0]+": "+row[2], row[3])...)
		if row[4] != "" {
			out = append(out, none(t, conn, "half of "+row[1]+" of "+row[0], row[4])...)
		}
	}
	// Uniques and exclusions: the server builds their indexes again, and says where it cannot.
	for _, row := range ask(t, conn, `select format('reindex schema %I', nspname) from pg_namespace n where `+ownSchemas+
		` and exists (select from pg_class where relnamespace = n.oid and relkind in ('r', 'p'))`) {
		if err := conn.Exec(t.Context(), row[0]).Close(); err != nil {
			out = append(out, fmt.Sprintf("%s: %v", row[0], err))
		}
	}
	for _, row := range ask(t, conn, `select indexrelid::regclass from pg_index where not indisvalid or not indisready`) {
		out = append(out, "invalid index "+row[0])
	}
	return append(out, behind(t, conn)...)
}

// enforced is a condition on constraints that the server enforces at all.
func enforced(conn *pgconn.PgConn) string {
	if major(conn) >= 18 {
		return "conenforced and "
	}
	return ""
}

func major(conn *pgconn.PgConn) int {
	var n int
	_, _ = fmt.Sscan(conn.ParameterStatus("server_version"), &n)
	return n
}

// none is nothing where a query counts 0, else a line.
func none(t tester, conn *pgconn.PgConn, what, sql string) []string {
	t.Helper()
	rows, err := query(t.Context(), conn, sql)
	if err != nil {
		return []string{fmt.Sprintf("%s: %v\n%s", what, err, sql)}
	}
	if rows[0][0] != "0" {
		return []string{what + ": broken in " + rows[0][0] + " rows"}
	}
	return nil
}

// behind looks for sequences that would give a number that stands already.
func behind(t tester, conn *pgconn.PgConn) []string {
	t.Helper()
	var out []string
	for _, row := range ask(t, conn, `select s.oid::regclass, c.oid::regclass, quote_ident(attname), seqincrement
		from pg_sequence q join pg_class s on s.oid = seqrelid join pg_depend d on d.objid = s.oid and d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and deptype in ('a', 'i')
		join pg_class c on c.oid = refobjid join pg_attribute a on attrelid = refobjid and attnum = refobjsubid join pg_namespace n on n.oid = c.relnamespace
		where exists (select from pg_index where indrelid = c.oid and indisunique and attnum = any (indkey) and indnkeyatts = 1) and `+ownSchemas) {
		best, than := "max", "<"
		if strings.HasPrefix(row[3], "-") {
			best, than = "min", ">"
		}
		out = append(out, none(t, conn, "the sequence "+row[0]+" is behind "+row[1]+"."+row[2],
			fmt.Sprintf("select count(*) from (select %s(%s) as m from %s) x where (select last_value + case when is_called then %s else 0 end from %s) %s= m", best, row[2], row[1], row[3], row[0], than))...)
	}
	return out
}

// snapshot is the schema as the catalog has it, one line a thing, sower's own schema left out. Numbers that the server
// gives, and values of sequences, are not in it.
func snapshot(t tester, conn *pgconn.PgConn) string {
	t.Helper()
	rows := ask(t, conn, `
	with t as (select format('%I.%I', nspname, relname) as name, c.* from pg_class c join pg_namespace n on n.oid = relnamespace where `+ownSchemas+`)
	select * from (
		select concat_ws(' ', name, relkind, relpersistence, relacl, relrowsecurity, relforcerowsecurity, relreplident, reloptions, relowner::regrole, pg_get_expr(relpartbound, oid), obj_description(oid, 'pg_class')) as line from t where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
		union all select concat_ws(' ', name, 'column', attnum, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, attcollation, attstattarget, attoptions, pg_get_expr(adbin, adrelid), col_description(t.oid, attnum))
			from t join pg_attribute on attrelid = oid left join pg_attrdef on adrelid = attrelid and adnum = attnum where attnum > 0 and not attisdropped and relkind in ('r', 'p', 'f')
		union all select concat_ws(' ', name, 'constraint', conname, contype, condeferrable, condeferred, convalidated, connoinherit, pg_get_constraintdef(k.oid), obj_description(k.oid, 'pg_constraint')) from pg_constraint k join t on t.oid = conrelid
		union all select concat_ws(' ', name, 'index', indisprimary, indisunique, indisvalid, indisclustered, indisreplident, indimmediate, pg_get_indexdef(indexrelid), obj_description(indexrelid, 'pg_class')) from pg_index join t on t.oid = indrelid
		union all select concat_ws(' ', name, 'trigger', tgenabled, pg_get_triggerdef(g.oid)) from pg_trigger g join t on t.oid = tgrelid where not tgisinternal
		union all select concat_ws(' ', name, 'triggers of keys', string_agg(tgenabled::text || tgtype, ' ' order by tgenabled, tgtype)) from pg_trigger g join t on t.oid = tgrelid where tgisinternal group by name
		union all select concat_ws(' ', name, 'rule', pg_get_ruledef(r.oid), ev_enabled) from pg_rewrite r join t on t.oid = ev_class
		union all select concat_ws(' ', name, 'sequence', seqtypid::regtype, seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle) from pg_sequence join t on t.oid = seqrelid
		union all select concat_ws(' ', name, 'policy', polname, polcmd, pg_get_expr(polqual, polrelid)) from pg_policy join t on t.oid = polrelid
		union all select concat_ws(' ', name, 'inherits', inhparent::regclass, inhseqno) from pg_inherits join t on t.oid = inhrelid
		union all select concat_ws(' ', 'function', nspname, proname, pg_get_function_identity_arguments(p.oid), md5(prosrc)) from pg_proc p join pg_namespace n on n.oid = pronamespace where `+ownSchemas+`
		union all select concat_ws(' ', 'type', nspname, typname, typtype, (select string_agg(enumlabel, ',' order by enumsortorder) from pg_enum where enumtypid = y.oid), (select string_agg(pg_get_constraintdef(k.oid), ',' order by conname) from pg_constraint k where contypid = y.oid)) from pg_type y join pg_namespace n on n.oid = typnamespace where typtype in ('e', 'd', 'r', 'm') and `+ownSchemas+`
		union all select concat_ws(' ', 'settings', setconfig) from pg_db_role_setting where setdatabase = (select oid from pg_database where datname = current_database())
	) x order by line collate "C"`)
	var b strings.Builder
	for _, row := range rows {
		b.WriteString(row[0] + "\n")
	}
	return b.String()
}
