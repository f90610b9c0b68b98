package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/sowerdata/sower/sqlexpr"
)

// facts are what the journal holds of a dropped index or key: names, numbers and options, of which the statement is
// written that makes it again. Only expressions are text, and go where nothing but an expression can stand.
type facts struct {
	Columns []columnFact `json:"columns"`
	Comment string       `json:"comment,omitempty"`

	// Of an index.
	Method           string       `json:"method,omitempty"`
	NullsNotDistinct bool         `json:"nulls_not_distinct,omitempty"`
	Include          []columnFact `json:"include,omitempty"`
	Predicate        string       `json:"predicate,omitempty"`
	With             []string     `json:"with,omitempty"` // "fillfactor=70"
	Tablespace       string       `json:"tablespace,omitempty"`

	// Of a unique index, with the constraint that owns it; nil where it is only an index.
	Unique     bool            `json:"unique,omitempty"`
	Clustered  bool            `json:"clustered,omitempty"` // the table is clustered on it
	Identity   bool            `json:"identity,omitempty"`  // it is the table's replica identity
	Constraint *constraintFact `json:"constraint,omitempty"`

	// Of a foreign key.
	Reference *referenceFact `json:"reference,omitempty"`
}

// constraintFact is a primary key or a unique constraint, which has the name of its index.
type constraintFact struct {
	Primary    bool   `json:"primary,omitempty"`
	Deferrable bool   `json:"deferrable,omitempty"`
	Deferred   bool   `json:"deferred,omitempty"`
	Comment    string `json:"comment,omitempty"`
}

// columnFact is a column of an index or a key, by its number in the table: its name may change.
type columnFact struct {
	Number     int      `json:"number"` // 0: an expression
	Name       string   `json:"name,omitempty"`
	Expression string   `json:"expression,omitempty"`
	Class      []string `json:"class,omitempty"` // schema and name of an operator class that is not the type's default
	Options    []string `json:"options,omitempty"`
	Collation  []string `json:"collation,omitempty"` // schema and name, where it is not the column's
	Desc       bool     `json:"desc,omitempty"`
	NullsFirst bool     `json:"nulls_first,omitempty"`
	Statistics int      `json:"statistics,omitempty"` // plus one: 0 is none
}

// referenceFact says what a foreign key refers to, and how.
type referenceFact struct {
	Table         string       `json:"table"` // its number
	Name          string       `json:"name"`
	Columns       []columnFact `json:"columns"`
	Match         string       `json:"match"`
	Update        string       `json:"update"`
	Delete        string       `json:"delete"`
	DeleteColumns []columnFact `json:"delete_columns,omitempty"`
	Deferrable    bool         `json:"deferrable,omitempty"`
	Deferred      bool         `json:"deferred,omitempty"`
	Valid         bool         `json:"valid,omitempty"`
}

// same tells whether two describe the same thing, whatever it is called and commented.
func (f *facts) same(o *facts) bool { return reflect.DeepEqual(f.bare(), o.bare()) }

func (f *facts) bare() facts {
	b := *f
	b.Comment, b.Clustered, b.Identity = "", false, false
	if f.Constraint != nil {
		k := *f.Constraint
		k.Comment = ""
		b.Constraint = &k
	}
	bare := func(columns []columnFact) (out []columnFact) {
		for _, c := range columns {
			c.Name, c.Statistics = "", 0
			out = append(out, c)
		}
		return out
	}
	b.Columns, b.Include = bare(f.Columns), bare(f.Include)
	if f.Reference != nil {
		r := *f.Reference
		r.Name, r.Valid, r.Columns, r.DeleteColumns = "", false, bare(r.Columns), bare(r.DeleteColumns)
		b.Reference = &r
	}
	return b
}

// indexFactsSQL gives the facts of index c, i of the catalog; keyFactsSQL, those of foreign key k.
const (
	indexFactsSQL = `jsonb_strip_nulls(jsonb_build_object('method', a.amname, 'nulls_not_distinct', (to_jsonb(i)->>'indnullsnotdistinct')::boolean,
	'tablespace', (select t.spcname from pg_tablespace t where t.oid = c.reltablespace), 'with', to_jsonb(c.reloptions),
	'predicate', pg_get_expr(i.indpred, i.indrelid), 'comment', obj_description(c.oid, 'pg_class'),
	'unique', i.indisunique, 'clustered', i.indisclustered, 'identity', i.indisreplident,
	'constraint', (select jsonb_build_object('primary', q.contype = 'p', 'deferrable', q.condeferrable, 'deferred', q.condeferred, 'comment', obj_description(q.oid, 'pg_constraint'))
	  from pg_constraint q where q.conindid = c.oid and q.conrelid = i.indrelid and q.contype in ('p', 'u', 'x')),
	'columns', (select jsonb_agg(jsonb_build_object('number', i.indkey[n - 1], 'name', ta.attname, 'expression', case when i.indkey[n - 1] = 0 then pg_get_indexdef(c.oid, n, false) end,
		'class', (select jsonb_build_array(s.nspname, o.opcname) from pg_opclass o join pg_namespace s on s.oid = o.opcnamespace where o.oid = i.indclass[n - 1] and not o.opcdefault),
		'options', to_jsonb(ia.attoptions),
		'collation', (select jsonb_build_array(s.nspname, o.collname) from pg_collation o join pg_namespace s on s.oid = o.collnamespace
			where o.oid = i.indcollation[n - 1] and o.oid is distinct from ta.attcollation),
		'desc', i.indoption[n - 1]::int & 1 = 1, 'nulls_first', i.indoption[n - 1]::int & 2 = 2, 'statistics', case when ia.attstattarget >= 0 then ia.attstattarget + 1 end) order by n)
	  from generate_series(1, i.indnkeyatts) n join pg_attribute ia on ia.attrelid = c.oid and ia.attnum = n
	  left join pg_attribute ta on ta.attrelid = i.indrelid and ta.attnum = i.indkey[n - 1] and i.indkey[n - 1] <> 0),
	'include', (select jsonb_agg(jsonb_build_object('number', i.indkey[n - 1], 'name', ta.attname) order by n)
	  from generate_series(i.indnkeyatts + 1, i.indnatts) n join pg_attribute ta on ta.attrelid = i.indrelid and ta.attnum = i.indkey[n - 1])))`
	keyFactsSQL = `jsonb_strip_nulls(jsonb_build_object('comment', obj_description(k.oid, 'pg_constraint'),
	'columns', (select jsonb_agg(jsonb_build_object('number', x.n, 'name', ta.attname) order by x.i) from unnest(k.conkey) with ordinality x (n, i) join pg_attribute ta on ta.attrelid = k.conrelid and ta.attnum = x.n),
	'reference', jsonb_build_object('table', k.confrelid::oid::text, 'name', k.confrelid::regclass::text,
		'columns', (select jsonb_agg(jsonb_build_object('number', x.n, 'name', ta.attname) order by x.i) from unnest(k.confkey) with ordinality x (n, i) join pg_attribute ta on ta.attrelid = k.confrelid and ta.attnum = x.n),
		'match', k.confmatchtype, 'update', k.confupdtype, 'delete', k.confdeltype,
		'delete_columns', (select jsonb_agg(jsonb_build_object('number', x.n, 'name', ta.attname) order by x.i)
			from jsonb_array_elements_text(case jsonb_typeof(to_jsonb(k)->'confdelsetcols') when 'array' then to_jsonb(k)->'confdelsetcols' else '[]' end) with ordinality x (n, i)
			join pg_attribute ta on ta.attrelid = k.conrelid and ta.attnum = x.n::int),
		'deferrable', k.condeferrable, 'deferred', k.condeferred, 'valid', k.convalidated)))`
)

// columnNames gives the names that a table's columns have now, by their numbers.
func columnNames(ctx context.Context, s *session, table string) (map[int]string, error) {
	names := map[int]string{}
	err := s.each(ctx, "select attnum, attname from pg_catalog.pg_attribute where attrelid = $1::oid and attnum > 0 and not attisdropped", func(r [][]byte) error {
		names[int(toInt(r[0]))] = string(r[1])
		return nil
	}, table)
	return names, err
}

// listed gives columns by their present names.
func listed(columns []columnFact, names map[int]string) (string, error) {
	var out []string
	for _, c := range columns {
		name, ok := names[c.Number]
		if !ok {
			return "", &failure{text: fmt.Sprintf("its column %s was dropped", ident(c.Name))}
		}
		out = append(out, ident(name))
	}
	return strings.Join(out, ", "), nil
}

// indexSQL writes the statement that makes an index, and those that come after it.
func (f *facts) indexSQL(name, schema, table string, names map[int]string) (sql string, after []string, err error) {
	var columns []string
	for i, c := range f.Columns {
		text := ""
		switch {
		case c.Number == 0:
			if err := oneExpression(c.Expression); err != nil {
				return "", nil, err
			}
			text = "(" + c.Expression + ")"
		default:
			if text, err = listed([]columnFact{c}, names); err != nil {
				return "", nil, err
			}
		}
		if len(c.Collation) == 2 {
			text += " collate " + ident(c.Collation...)
		}
		switch {
		case len(c.Class) == 2:
			text += " " + ident(c.Class...)
			if len(c.Options) > 0 {
				text += " (" + options(c.Options) + ")"
			}
		case len(c.Options) > 0:
			return "", nil, &failure{text: "options of a default operator class cannot be written"}
		}
		switch {
		case c.Desc && !c.NullsFirst:
			text += " desc nulls last"
		case c.Desc:
			text += " desc"
		case c.NullsFirst:
			text += " nulls first"
		}
		columns = append(columns, text)
		if c.Statistics > 0 {
			after = append(after, fmt.Sprintf("alter index %s alter column %d set statistics %d", ident(schema, name), i+1, c.Statistics-1))
		}
	}
	kind := "index"
	if f.Unique {
		kind = "unique index"
	}
	sql = fmt.Sprintf("create %s %s on only %s using %s (%s)", kind, ident(name), ident(schema, table), ident(f.Method), strings.Join(columns, ", "))
	if len(f.Include) > 0 {
		list, err := listed(f.Include, names)
		if err != nil {
			return "", nil, err
		}
		sql += " include (" + list + ")"
	}
	if f.NullsNotDistinct {
		sql += " nulls not distinct"
	}
	if len(f.With) > 0 {
		sql += " with (" + options(f.With) + ")"
	}
	if f.Tablespace != "" {
		sql += " tablespace " + ident(f.Tablespace)
	}
	if f.Predicate != "" {
		if err := oneExpression(f.Predicate); err != nil {
			return "", nil, err
		}
		sql += " where (" + f.Predicate + ")"
	}
	if f.Comment != "" {
		after = append(after, fmt.Sprintf("comment on index %s is %s", ident(schema, name), text(f.Comment)))
	}
	return sql, after, nil
}

// options writes "name=value" settings.
func options(list []string) string {
	var out []string
	for _, o := range list {
		name, value, _ := strings.Cut(o, "=")
		out = append(out, ident(name)+" = "+text(value))
	}
	return strings.Join(out, ", ")
}

// keyActions are what a foreign key does, by the catalog's letters; "" for what it does where nothing is said.
var keyActions = map[string]string{"a": "", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}

// keySQL writes the statement that makes a foreign key, not valid unless it never was, and those that come after it. own and
// to are the present columns of the two tables.
func (f *facts) keySQL(name, table, parent string, own, to map[int]string) (sql string, after []string, err error) {
	definition, err := f.keyDefinition(parent, own, to)
	if err != nil {
		return "", nil, err
	}
	if f.Comment != "" {
		after = append(after, fmt.Sprintf("comment on constraint %s on %s is %s", ident(name), table, text(f.Comment)))
	}
	return fmt.Sprintf("alter table %s add constraint %s %s not valid", table, ident(name), definition), after, nil
}

// keyDefinition writes what a foreign key is as the server's pg_get_constraintdef does, but that all names are quoted.
func (f *facts) keyDefinition(parent string, own, to map[int]string) (string, error) {
	r := f.Reference
	columns, err := listed(f.Columns, own)
	if err != nil {
		return "", err
	}
	refers, err := listed(r.Columns, to)
	if err != nil {
		return "", fmt.Errorf("of %s: %w", parent, err)
	}
	update, known := keyActions[r.Update]
	remove, known2 := keyActions[r.Delete]
	if !known || !known2 {
		return "", &failure{text: "its actions are unknown"}
	}
	sql := fmt.Sprintf("FOREIGN KEY (%s) REFERENCES %s(%s)", columns, parent, refers)
	if r.Match == "f" {
		sql += " MATCH FULL"
	}
	if update != "" {
		sql += " ON UPDATE " + update
	}
	if remove != "" {
		sql += " ON DELETE " + remove
	}
	if len(r.DeleteColumns) > 0 {
		list, err := listed(r.DeleteColumns, own)
		if err != nil {
			return "", err
		}
		sql += " (" + list + ")"
	}
	if r.Deferrable {
		sql += " DEFERRABLE"
	}
	if r.Deferred {
		sql += " INITIALLY DEFERRED"
	}
	return sql, nil
}

// writes tells whether the statement that is made of a foreign key's facts says what the server says of the key, with all
// names complete: then it need not be tried.
func (f *facts) writes(definition string) bool {
	names := func(columns ...columnFact) map[int]string {
		out := map[int]string{}
		for _, c := range columns {
			out[c.Number] = c.Name
		}
		return out
	}
	own, err := f.keyDefinition(f.Reference.Name, names(append(slices.Clone(f.Columns), f.Reference.DeleteColumns...)...), names(f.Reference.Columns...))
	return err == nil && sqlexpr.Same(own, strings.TrimSuffix(definition, " NOT VALID"))
}

// oneExpression is an error where a text that the server printed once could be more than one expression: an end of
// the parentheses around it, a comma, a semicolon or a comment.
func oneExpression(s string) error {
	var open []byte
	bad := &failure{text: fmt.Sprintf("the journal has an expression for it that sower does not write (%s)", shorten(s))}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\'' || c == '"':
			escapes := c == '\'' && i > 0 && (s[i-1] == 'E' || s[i-1] == 'e') && (i == 1 || !inWord(s[i-2]))
			for i++; ; i++ {
				switch {
				case i >= len(s):
					return bad
				case escapes && s[i] == '\\':
					i++
					continue
				case s[i] != c:
					continue
				}
				if i+1 < len(s) && s[i+1] == c {
					i++
					continue
				}
				break
			}
		case c == '(' || c == '[':
			open = append(open, c)
		case c == ')' || c == ']':
			if len(open) == 0 || open[len(open)-1] != map[byte]byte{')': '(', ']': '['}[c] {
				return bad
			}
			open = open[:len(open)-1]
		case c == ';' || c == '$' || c == 0 || c == ',' && len(open) == 0 || strings.HasPrefix(s[i:], "--") || strings.HasPrefix(s[i:], "/*"):
			return bad
		}
	}
	if len(open) > 0 || strings.TrimSpace(s) == "" {
		return bad
	}
	return nil
}

// inWord tells whether a byte may be of an identifier.
func inWord(c byte) bool {
	return c >= 0x80 || c == '_' || c == '$' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

func parseFacts(b []byte) (*facts, error) {
	f := new(facts)
	if err := json.Unmarshal(b, f); err != nil {
		return nil, &failure{text: "what the journal has of it cannot be read: " + err.Error(), causes: []error{err}}
	}
	return f, nil
}
