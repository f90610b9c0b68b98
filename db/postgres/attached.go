package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sowerdata/sower/schema"
)

// happening is what may make the server run code that is attached to a table. Those of triggers have the catalog's bits.
type happening int64

const (
	reading    happening = 1 // a question is planned: expressions of indexes and statistics
	inserting  happening = 4
	deleting   happening = 8
	updating   happening = 16
	evaluating happening = 64  // the table's own expressions are asked about rows that are none of it
	defining   happening = 128 // DDL: event triggers
)

// attachment is a piece of code that is attached to a table, or a call that it makes.
type attachment struct {
	table        string // quoted, with its schema; "" for the whole database
	what         string // "trigger audit", "check positive"
	author       string // oid of the role that may change it
	authorName   string
	function     string // that it calls; "" where it is code by itself
	owner        string // oid, of the function
	ownerName    string
	happens      happening
	bare         bool // the function's text has names that the search path gives a meaning
	reachesOut   bool // a function of the server or of an extension that does more than to compute
	alwaysCounts bool // whatever it calls, whoever may change it may have it do anything
}

// attachedSQL lists the code of the tables with oid in $1 (null: of all that people made). Functions of the server that
// only compute are left out.
func attachedSQL(major int32) string {
	statistics, sqlBody, ranges := "", "false", "r.rngtypid = t.oid"
	if major >= 14 {
		statistics = `
  union all select s.stxrelid, 'statistics ' || s.stxname, s.stxowner, 1, s.stxexprs::text from pg_statistic_ext s join tab on tab.oid = s.stxrelid where s.stxexprs is not null`
		sqlBody, ranges = "f.prosqlbody is not null", "t.oid in (r.rngtypid, r.rngmultitypid)"
	}
	return `
with recursive tab as (
  select c.oid, c.relowner as owner, c.relkind, c.relrowsecurity from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p') and ` + userSchemas + ` and ($1::oid[] is null or c.oid = any ($1::oid[]))
), used (tab, oid) as (
  select a.attrelid, a.atttypid from pg_attribute a join tab on tab.oid = a.attrelid where a.attnum > 0 and not a.attisdropped and a.atttypid >= 16384
  union
  select u.tab, x.oid from used u join pg_type t on t.oid = u.oid cross join lateral (
    select t.typelem union all select t.typbasetype
    union all select r.rngsubtype from pg_range r where t.typtype in ('r', 'm') and ` + ranges + `
    union all select r.rngtypid from pg_range r where t.typtype = 'm' and ` + ranges + `
    union all select a.atttypid from pg_attribute a where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped) x (oid)
   where x.oid >= 16384
), tree (tab, what, author, happens, expr) as (
  select k.conrelid, 'check ' || k.conname, tab.owner, 4 | 16 | 64, k.conbin::text from pg_constraint k join tab on tab.oid = k.conrelid where k.contype = 'c'
  union all select d.adrelid, case when a.attgenerated <> '' then 'generated column ' else 'default of ' end || a.attname, tab.owner, case when a.attgenerated <> '' then 4 | 16 | 64 else 4 end, d.adbin::text
    from pg_attrdef d join tab on tab.oid = d.adrelid join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
  union all select i.indrelid, 'index ' || c.relname, tab.owner, 1 | 4 | 16 | 64, concat(i.indexprs, i.indpred) from pg_index i join tab on tab.oid = i.indrelid join pg_class c on c.oid = i.indexrelid
   where i.indexprs is not null or i.indpred is not null` + statistics + `
  union all select p.partrelid, 'partition key', tab.owner, 1 | 4 | 16 | 64, p.partexprs::text from pg_partitioned_table p join tab on tab.oid = p.partrelid where p.partexprs is not null
  union all select g.tgrelid, 'trigger ' || g.tgname, tab.owner, g.tgtype & 60, g.tgqual::text from pg_trigger g join tab on tab.oid = g.tgrelid where g.tgqual is not null and g.tgenabled in ('O', 'A')
  union all select w.ev_class, 'rule ' || w.rulename, tab.owner, case w.ev_type when '2' then 16 when '3' then 4 when '4' then 8 else 1 end, concat(w.ev_qual, w.ev_action)
    from pg_rewrite w join tab on tab.oid = w.ev_class where w.ev_enabled in ('O', 'A')
  union all select p.polrelid, 'policy ' || p.polname, tab.owner, 1 | 4 | 8 | 16, concat(p.polqual, p.polwithcheck) from pg_policy p join tab on tab.oid = p.polrelid where tab.relrowsecurity and row_security_active(tab.oid)
  union all select u.tab, 'domain ' || t.typname, t.typowner, 4 | 16 | 64, concat((select string_agg(k.conbin::text, ' ') from pg_constraint k where k.contypid = t.oid), t.typdefaultbin)
    from used u join pg_type t on t.oid = u.oid where t.typtype = 'd'
), called (tab, what, author, happens, fn, counts) as (
  select tree.tab, tree.what, tree.author, tree.happens, m[2]::oid, false from tree, regexp_matches(tree.expr, ':(funcid|opfuncid|aggfnoid|winfnoid) (\d+)', 'g') m
  union select tree.tab, tree.what, tree.author, tree.happens, o.oprcode::oid, false from tree, regexp_matches(tree.expr, ':opnos? (?:\(o )?([\d ]+)', 'g') m, regexp_split_to_table(trim(m[1]), ' ') n join pg_operator o on o.oid = n::oid
  union select tree.tab, tree.what, tree.author, tree.happens, 0, true from tree where tree.what ~ '^(rule|domain) '
  union select g.tgrelid, 'trigger ' || g.tgname, tab.owner, g.tgtype & 60, g.tgfoid, false from pg_trigger g join tab on tab.oid = g.tgrelid where g.tgenabled in ('O', 'A')
  union select u.tab, 'type ' || t.typname, t.typowner, 1 | 4 | 16 | 64, f, false from used u join pg_type t on t.oid = u.oid
    cross join lateral unnest(array[t.typinput, t.typoutput, t.typreceive, t.typsend, t.typmodin]::oid[]) f
  union select u.tab, 'type ' || t.typname, t.typowner, 1 | 4 | 16 | 64, f, false from used u join pg_type t on t.oid = u.oid join pg_range r on ` + ranges + `
    cross join lateral (select r.rngcanonical::oid union all select r.rngsubdiff::oid union all select p.amproc::oid from pg_opclass o join pg_amproc p on p.amprocfamily = o.opcfamily where o.oid = r.rngsubopc) x (f)
  union select u.tab, 'cast (' || format_type(k.castsource, null) || ' as ' || format_type(k.casttarget, null) || ')', t.typowner, 1 | 64, k.castfunc, false
    from used u join pg_type t on t.oid = u.oid join pg_cast k on t.oid in (k.castsource, k.casttarget)
  union select k.conrelid, 'exclusion ' || k.conname, tab.owner, 4 | 16, o.oprcode::oid, false from pg_constraint k join tab on tab.oid = k.conrelid cross join lateral unnest(k.conexclop) e join pg_operator o on o.oid = e where k.contype = 'x'
  union select i.indrelid, 'operator class ' || o.opcname, o.opcowner, 1 | 4 | 8 | 16, x.f, false
    from pg_index i join tab on tab.oid = i.indrelid cross join lateral unnest(i.indclass::oid[]) c join pg_opclass o on o.oid = c and o.oid >= 16384
    cross join lateral (select p.amproc::oid from pg_amproc p where p.amprocfamily = o.opcfamily union all select q.oprcode::oid from pg_amop p join pg_operator q on q.oid = p.amopopr where p.amopfamily = o.opcfamily) x (f)
  union select 0::oid, 'event trigger ' || e.evtname, e.evtowner, 128, e.evtfoid, false from pg_event_trigger e where e.evtenabled in ('O', 'A')
)
select case when c.tab <> 0 then (select concat('"', replace(n.nspname, '"', '""'), '"."', replace(r.relname, '"', '""'), '"') from pg_class r join pg_namespace n on n.oid = r.relnamespace where r.oid = c.tab) end,
       c.what, c.author, pg_get_userbyid(c.author), f.oid::regprocedure::text, f.proowner, pg_get_userbyid(f.proowner), c.happens,
       coalesce(f.oid >= 16384 and l.lanname not in ('internal', 'c') and not (` + sqlBody + `) and not exists (select from unnest(f.proconfig) g where g like 'search_path=%'), false),
       coalesce((f.oid < 16384 or exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = f.oid and d.deptype = 'e'))
         and f.prorettype <> 'trigger'::regtype and (f.provolatile = 'v' and f.proname <> all (` + computes + `) or f.proname ~ '_to_xml'), false), c.counts
  from called c left join pg_proc f on f.oid = c.fn left join pg_language l on l.oid = f.prolang
 where c.counts or f.oid >= 16384 or f.oid < 16384 and f.prorettype <> 'trigger'::regtype and (f.provolatile = 'v' and f.proname <> all (` + computes + `) or f.proname ~ '_to_xml')
 order by 1 nulls first, 2, 5`
}

// computes are functions of the server and of extensions that are volatile, and harmless: defaults are made of them.
const computes = `array['nextval', 'currval', 'lastval', 'random', 'random_normal', 'gen_random_uuid', 'uuidv4', 'uuidv7', 'clock_timestamp', 'timeofday', 'txid_current', 'pg_current_xact_id',
  'uuid_generate_v1', 'uuid_generate_v1mc', 'uuid_generate_v4', 'gen_random_bytes', 'gen_salt', 'in_range', 'array_in', 'range_in', 'record_in', 'domain_in', 'array_recv', 'range_recv', 'record_recv', 'domain_recv']::name[]`

// attached reads the code of the tables with these oids; nil: of all tables.
func attached(ctx context.Context, s *session, oids []string) (found []*attachment, err error) {
	var list any
	if oids != nil {
		list = "{" + strings.Join(oids, ",") + "}"
	}
	err = s.each(ctx, attachedSQL(s.db.major.Load()), func(r [][]byte) error {
		found = append(found, &attachment{table: string(r[0]), what: string(r[1]), author: string(r[2]), authorName: string(r[3]), function: string(r[4]), owner: string(r[5]), ownerName: string(r[6]),
			happens: happening(toInt(r[7])), bare: toBool(r[8]), reachesOut: toBool(r[9]), alwaysCounts: toBool(r[10])})
		return nil
	}, list)
	return found, err
}

// stranger gives the role, by its name, that may make this code do what it likes and is not trusted; "" where there is
// none. Owners are trusted, never texts.
func (c *attachment) stranger(roles *trusted) string {
	switch {
	case c.function != "" && !roles.trusts(c.owner):
		return c.ownerName
	case (c.alwaysCounts || c.reachesOut) && !roles.trusts(c.author):
		return c.authorName
	}
	return ""
}

// String says what it is and whose: trigger audit of public.t (function f(), owner "x").
func (c *attachment) String() string {
	text := c.what
	if c.table != "" {
		text += " of " + c.table
	}
	if c.function != "" {
		text += ", which calls " + c.function
	}
	return text
}

// strangers is an error where code that these happenings would run belongs to roles that are not trusted, or finds what
// it calls in schemas where such roles may put something of theirs. It names all of it.
func strangers(ctx context.Context, s *session, roles *trusted, found []*attachment, happens happening) error {
	found = slices.DeleteFunc(slices.Clone(found), func(a *attachment) bool { return a.happens&happens == 0 })
	if len(found) == 0 {
		return nil
	}
	var open openPath
	if slices.ContainsFunc(found, func(a *attachment) bool { return a.bare }) {
		var err error
		if open, err = s.openPath(ctx, roles); err != nil {
			return err
		}
	}
	return roles.refuse(found, open)
}

// refuse is the error of strangers.
func (roles *trusted) refuse(found []*attachment, open openPath) error {
	var pieces, names []string
	bare := ""
	for _, c := range found {
		if c.bare && bare == "" {
			bare = c.String()
		}
		if name := c.stranger(roles); name != "" {
			pieces = append(pieces, fmt.Sprintf("%s (owner %s)", c, ident(name)))
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	if bare != "" && len(pieces) == 0 && len(open.places) > 0 {
		pieces = append(pieces, fmt.Sprintf("%s finds what it calls by the search path, where others have a say: %s", bare, strings.Join(open.places, ", ")))
		names = open.roles
	}
	if len(pieces) == 0 {
		return nil
	}
	const most = 10
	if more := len(pieces) - most; more > 0 {
		pieces = append(pieces[:most], fmt.Sprintf("and %d more", more))
	}
	var flags []string
	for _, n := range names {
		flags = append(flags, trustFlag(n))
	}
	return &failure{text: fmt.Sprintf("code of others would run with the rights of %s, who has more than they: %s. Nothing was written. Run sower as the owner, or trust these roles: %s",
		ident(roles.session), strings.Join(pieces, "; "), strings.Join(flags, " "))}
}

// openPath are the schemas of the own path in which roles that are not trusted may put something, or have, with those
// roles.
type openPath struct{ places, roles []string }

// openPath asks for them.
func (s *session) openPath(ctx context.Context, roles *trusted) (open openPath, err error) {
	if err := s.useHere(ctx, s.own); err != nil {
		return open, err
	}
	row, err := s.row(ctx, "select pg_catalog.array_to_string(pg_catalog.current_schemas(false)::pg_catalog.text[], e'\\x01')")
	if err != nil {
		return open, err
	}
	if err := s.useHere(ctx, s.db.basePath()); err != nil {
		return open, err
	}
	var own []string
	if len(row[0]) > 0 {
		own = strings.Split(string(row[0]), "\x01")
	}
	const sql = `
select n.nspname, r.oid, r.rolname, case when x.makes then 'may create there' else 'has functions or operators there' end
  from pg_namespace n, pg_roles r cross join lateral (select has_schema_privilege(r.oid, n.oid, 'CREATE') and has_database_privilege(r.oid, current_database(), 'CONNECT')
         and (r.rolcanlogin or exists (select from pg_auth_members m where m.roleid = r.oid)) as makes) x
 where n.nspname = any ($1::name[]) and n.nspname <> 'pg_catalog' and r.rolname !~ '^pg_'
   and (x.makes or exists (select from pg_proc f where f.pronamespace = n.oid and f.proowner = r.oid) or exists (select from pg_operator o where o.oprnamespace = n.oid and o.oprowner = r.oid))
 order by 1, 3`
	err = s.each(ctx, sql, func(r [][]byte) error {
		if name := string(r[2]); !roles.trusts(string(r[1])) {
			open.places = append(open.places, fmt.Sprintf("%s (%s %s)", ident(string(r[0])), ident(name), r[3]))
			if !slices.Contains(open.roles, name) {
				open.roles = append(open.roles, name)
			}
		}
		return nil
	}, nameArray(own))
	return open, err
}

// tableOIDs gives the oids of tables and of their partitions; for deletions also of the tables that a key's action
// reaches.
func tableOIDs(ctx context.Context, s *session, tables []*schema.Table, happens happening) (oids []string, err error) {
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = tableSQL(t)
	}
	sql := `with recursive t (oid) as (
  select x.oid from unnest($1::text[]) n cross join lateral (select n::regclass::oid as oid union select relid from pg_partition_tree(n::regclass)) x
  union select k.conrelid from t join pg_constraint k on k.confrelid = t.oid and k.contype = 'f' and k.confdeltype in ('c', 'n', 'd') and $2::boolean
) select oid from t`
	err = s.each(ctx, sql, func(r [][]byte) error {
		oids = append(oids, string(r[0]))
		return nil
	}, nameArray(names), happens&deleting != 0)
	return oids, err
}

// mayHappen is an error where code of strangers would run if this happened to these tables. It is asked before.
func mayHappen(ctx context.Context, s *session, tables []*schema.Table, happens happening) error {
	roles, err := s.trustedRoles(ctx)
	if err != nil || roles.everyone {
		return err
	}
	oids, err := tableOIDs(ctx, s, tables, happens)
	if err != nil {
		return err
	}
	if oids == nil {
		oids = []string{}
	}
	found, err := attached(ctx, s, oids)
	if err != nil {
		return err
	}
	return strangers(ctx, s, roles, found, happens)
}
