package postgres

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sowerdata/sower/column"
	"github.com/sowerdata/sower/schema"
	"github.com/sowerdata/sower/sqlexpr"
	"github.com/sowerdata/sower/sqlexpr/routine"
)

// readFunctions reads the functions that checks call, and those that these call where the catalog knows
// (the ones whose body is in the SQL standard's form).
func (i *inspector) readFunctions(ctx context.Context) error {
	body := "null"
	if i.major >= 14 {
		body = "pg_get_function_sqlbody(p.oid)"
	}
	sql := `
with recursive calls (con, fn, direct) as (
  select d.objid, d.refobjid, true from pg_depend d where d.classid = 'pg_constraint'::regclass and d.refclassid = 'pg_proc'::regclass
  union
  select c.con, d.refobjid, false from calls c join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = c.fn and d.refclassid = 'pg_proc'::regclass
)
select k.oid, c.direct, p.oid, ` + qualified("p.proname") + `, l.lanname, case when l.lanname in ('sql', 'plpgsql') then p.prosrc else '' end, ` + body + `,
       p.proisstrict, p.pronargs, array_to_string(p.proargnames, e'\x01'), array_to_string(p.proargmodes, '')
  from calls c
  join pg_constraint k on k.oid = c.con and k.contype = 'c'
  join pg_proc p on p.oid = c.fn
  join pg_namespace n on n.oid = p.pronamespace and n.nspname <> 'pg_catalog'
  join pg_language l on l.oid = p.prolang
 order by 4, 3, 1`
	oids := map[string]uint32{}
	return i.s.each(ctx, sql, func(r [][]byte) error {
		con, oid, name := toOID(r[0]), toOID(r[2]), string(r[3])
		if toBool(r[1]) && !slices.Contains(i.calls[con], name) {
			i.calls[con] = append(i.calls[con], name)
		}
		if i.db.Functions == nil {
			i.db.Functions = map[string]*schema.Function{}
		}
		known, again := oids[name]
		oids[name] = oid
		switch {
		case !again:
			i.db.Functions[name] = functionOf(name, r)
		case known != oid: // the name alone does not tell which of them is called
			i.db.Functions[name] = &schema.Function{Name: name, Language: string(r[4])}
			oids[name] = 0
		}
		return nil
	})
}

// functionOf reads a row of readFunctions.
func functionOf(name string, r [][]byte) *schema.Function {
	f := &schema.Function{Name: name, Language: string(r[4]), Body: strings.TrimSpace(string(r[5])), Strict: toBool(r[7])}
	if r[6] != nil {
		f.Body = standardBody(string(r[6]))
	}
	names, modes := strings.Split(string(r[9]), "\x01"), string(r[10])
	if r[9] == nil {
		names = make([]string, toInt(r[8]))
	}
	for k, n := range names {
		if len(modes) == 0 || k < len(modes) && strings.IndexByte("ibv", modes[k]) >= 0 {
			f.Args = append(f.Args, n)
		}
	}
	return f
}

// standardBody gives the expression of RETURN, or the only query of BEGIN ATOMIC ... END.
func standardBody(s string) string {
	s = strings.TrimSpace(s)
	if rest, ok := strings.CutPrefix(s, "RETURN "); ok {
		return rest
	}
	if rest, ok := strings.CutPrefix(s, "BEGIN ATOMIC"); ok {
		rest = strings.TrimSpace(strings.TrimSuffix(rest, "END"))
		return strings.TrimSuffix(rest, ";")
	}
	return s
}

// readTriggers reads the user's triggers that fire on insert. Those of partitioned tables have a copy on
// each partition, which some versions call internal; so are the triggers of foreign keys.
func (i *inspector) readTriggers(ctx context.Context) error {
	const sql = `
select t.tgrelid, t.tgname, quote_ident(n.nspname) || '.' || quote_ident(p.proname), t.tgtype & 2 > 0, t.tgtype & 1 > 0, t.tgconstraint <> 0, t.tginitdeferred, t.tgenabled in ('D', 'R'),
       (select p.prosrc from pg_language l where l.oid = p.prolang and l.lanname = 'plpgsql'), t.tgqual is not null,
       case when t.tgqual is not null then pg_get_triggerdef(t.oid) end, encode(t.tgargs, 'hex')
  from pg_trigger t join pg_proc p on p.oid = t.tgfoid join pg_namespace n on n.oid = p.pronamespace
 where t.tgtype & 4 > 0 and (not t.tgisinternal or t.tgparentid <> 0) and not (n.nspname = 'pg_catalog' and p.proname ~ '^(RI_FKey_|unique_key_recheck)')
 order by t.tgrelid, t.tgname`
	return i.s.each(ctx, sql, func(r [][]byte) error {
		if t := i.tables[toOID(r[0])]; t != nil {
			code := codeOf(string(r[8]))
			if code != nil {
				code.By(routine.Call{Args: argsOf(string(r[11])), When: whenOf(string(r[10]))})
			}
			t.Triggers = append(t.Triggers, &schema.Trigger{Name: string(r[1]), Function: string(r[2]), Before: toBool(r[3]), Row: toBool(r[4]),
				Constraint: toBool(r[5]), Deferred: toBool(r[6]), Disabled: toBool(r[7]), Code: code, When: toBool(r[9])})
		}
		return nil
	})
}

// argsOf reads the arguments of a trigger, each of which ends with a zero byte; none where they are in no encoding that is
// known here.
func argsOf(encoded string) []string {
	data, err := hex.DecodeString(encoded)
	if err != nil || len(data) == 0 || !utf8.Valid(data) {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(data), "\x00"), "\x00")
}

// whenOf takes the condition out of CREATE TRIGGER as the server writes it.
func whenOf(definition string) string {
	_, when, found := strings.Cut(definition, " FOR EACH ROW WHEN (")
	end := strings.LastIndex(when, ") EXECUTE ")
	if !found || end < 0 {
		return ""
	}
	return when[:end]
}

// codeOf reads the body of a trigger's function; nil where it is of another language, or not of this one.
func codeOf(body string) *routine.Routine {
	if body == "" {
		return nil
	}
	code, err := routine.Parse(body, false)
	if err != nil {
		return nil // the trigger's rows are seen when they are there
	}
	return code
}

// readSequences reads all sequences, and finds those that feed columns: of identity columns, and those whose
// nextval is the default, whoever owns them.
func (i *inspector) readSequences(ctx context.Context) error {
	const all = `
select s.oid::regclass::text, q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcycle
  from pg_sequence q join pg_class s on s.oid = q.seqrelid join pg_namespace n on n.oid = s.relnamespace
 where s.relpersistence <> 't' and ` + userSchemas + `
   and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = s.oid and d.deptype = 'e')
 order by n.nspname, s.relname`
	err := i.s.each(ctx, all, func(r [][]byte) error {
		i.db.Sequences = append(i.db.Sequences, &schema.Sequence{Name: string(r[0]), Start: toInt(r[1]), Increment: toInt(r[2]), Min: toInt(r[3]), Max: toInt(r[4]), Cycle: toBool(r[5])})
		return nil
	})
	if err != nil {
		return err
	}
	const feeds = `
select d.refobjid, d.refobjsubid, s.oid::regclass::text
  from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S'
 where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0 and d.deptype = 'i'
union all
select e.adrelid, e.adnum, s.oid::regclass::text
  from pg_depend d join pg_class s on s.oid = d.refobjid and s.relkind = 'S' join pg_attrdef e on e.oid = d.objid
 where d.classid = 'pg_attrdef'::regclass and d.refclassid = 'pg_class'::regclass and pg_get_expr(e.adbin, e.adrelid) like '%nextval(%'`
	return i.s.each(ctx, feeds, func(r [][]byte) error {
		if t := i.tables[toOID(r[0])]; t != nil {
			if c := t.byNumber[int(toInt(r[1]))]; c != nil {
				c.Sequence = string(r[2])
			}
		}
		return nil
	})
}

// findLateSequences finds the sequences of defaults that name them by text, which no dependency tells, and
// of defaults that come from domains.
func (i *inspector) findLateSequences(ctx context.Context) error {
	var cols []*schema.Column
	names := new(column.Vec)
	names.Reset(column.Text)
	for _, t := range i.order {
		for _, c := range t.Columns {
			if name, ok := sqlexpr.NextOf(c.Default); ok && c.Sequence == "" {
				cols = append(cols, c)
				names.AppendString(name)
			}
		}
	}
	if len(cols) == 0 {
		return nil
	}
	// Late names mean what they do under the role's own path.
	const sql = `select u.i, pg_catalog.concat(pg_catalog.quote_ident(n.nspname), '.', pg_catalog.quote_ident(c.relname))
  from pg_catalog.unnest($1::pg_catalog.text[]) with ordinality u (name, i)
  join pg_catalog.pg_class c on c.oid operator(pg_catalog.=) pg_catalog.to_regclass(u.name)::pg_catalog.oid and c.relkind operator(pg_catalog.=) 'S'
  join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace`
	if err := i.s.useHere(ctx, i.s.own); err != nil {
		return err
	}
	err := i.s.each(ctx, sql, func(r [][]byte) error {
		cols[toInt(r[0])-1].Sequence = string(r[1])
		return nil
	}, arrayOf(names, schema.Type{Kind: column.Text}, 0, names.Len()))
	if err != nil {
		return err
	}
	return i.s.useHere(ctx, controlPath)
}

// feedSequences tells every sequence the columns that it feeds.
func (i *inspector) feedSequences() {
	byName := map[string]*schema.Sequence{}
	for _, q := range i.db.Sequences {
		byName[q.Name] = q
	}
	for _, t := range i.order {
		for _, c := range t.Columns {
			if q := byName[c.Sequence]; q != nil {
				q.Columns = append(q.Columns, t.Schema+"."+t.Name+"."+c.Name)
			}
		}
	}
}

// rowsAtOnce is the number of tables that one question for rows names. Each is locked for reading until it
// is answered.
const rowsAtOnce = 500

// findRows tells which tables hold rows. Only those whose file is not empty are asked; where the role may not
// read one, or row-level security would hide some, a file that is not empty counts as rows.
func (i *inspector) findRows(ctx context.Context) error {
	var ask []*table
	for _, t := range i.order {
		if t.stored && t.readable {
			ask = append(ask, t)
		}
		t.HasRows = t.stored && !t.readable
	}
	for part := range slices.Chunk(ask, rowsAtOnce) {
		sql := make([]string, len(part))
		for k, t := range part {
			sql[k] = "exists (select from only " + tableSQL(t.Table) + ")"
		}
		if err := i.s.run(ctx, "savepoint rows"); err != nil {
			return err
		}
		row, err := i.s.row(ctx, "select array["+strings.Join(sql, ", ")+"]")
		if err != nil {
			return err
		}
		for k, one := range strings.Split(strings.Trim(string(row[0]), "{}"), ",") {
			part[k].HasRows = one == "t"
		}
		if err := i.s.run(ctx, "rollback to savepoint rows"); err != nil { // it lets go of the locks
			return err
		}
	}
	// A partitioned table has the rows of its leaves.
	sum, known := map[uint32]int64{}, map[uint32]bool{}
	for _, leaf := range i.order {
		if leaf.Partitioned {
			continue
		}
		for up := i.tables[leaf.parent]; up != nil; up = i.tables[up.parent] {
			up.HasRows = up.HasRows || leaf.HasRows
			if _, seen := known[up.oid]; !seen {
				known[up.oid] = true
			}
			if leaf.Rows < 0 && leaf.HasRows {
				known[up.oid] = false
			}
			sum[up.oid] += max(leaf.Rows, 0)
		}
	}
	for _, t := range i.order {
		if t.Partitioned && t.Rows < 0 && known[t.oid] && t.HasRows {
			t.Rows = sum[t.oid]
		}
	}
	return nil
}
